/* Stands at bin/supervisor-keeper in a copy of the product. The first keeper of a Python pool offers processes that it does not
 * have, takes one call, and then does what the file `attack` beside it names. All others become the honest keeper. */
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ring_peer.h"

#define OFFERED_SLOTS 4

void peer_bell(struct peer *peer)
{
  struct channel_message bell = { .call_id = 0 };
  (void)!send(peer->socket_fd, &bell, sizeof bell, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int write_record(struct peer *peer, struct ring_record head, const void *bytes, size_t length)
{
  struct ring_part part = { bytes, length };
  int status = ring_write(&peer->out, &head, &part, 1);
  if (status == 1) peer_bell(peer);
  return status < 0 ? status : 0;
}

int peer_say(struct peer *peer, uint16_t kind, const void *bytes, size_t length)
{
  struct ring_record head = peer->start;
  head.kind = kind;
  head.flags = 0;
  return write_record(peer, head, bytes, length);
}

void peer_plant(struct peer *peer, struct ring_record record, uint64_t published_bytes)
{
  struct ring_shared *shared = peer->out.shared;
  memcpy(shared->data + (peer->out.own & (peer->out.size_bytes - 1)), &record, sizeof record);
  __atomic_store_n(&shared->tail, peer->out.own + published_bytes, __ATOMIC_RELEASE);
  peer_bell(peer);
}

_Noreturn void peer_wait(void)
{
  for (;;) pause();
}

static const char *option(char **argv, const char *name)
{
  for (; *argv != NULL && argv[1] != NULL; argv++)
    if (strcmp(*argv, name) == 0) return argv[1];
  return "";
}

static void open_peer(struct peer *peer, char **argv)
{
  uint32_t size_bytes = (uint32_t)atol(option(argv, "--ring-bytes"));
  size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
  uint64_t generation = (uint64_t)atoll(option(argv, "--generation"));
  *peer = (struct peer){ .socket_fd = atoi(option(argv, "--channel")), .ring_fd = atoi(option(argv, "--ring")) };
  peer->slots = (uint32_t)atol(option(argv, "--slots"));
  peer->direction_bytes = (ring_bytes(size_bytes) + page_bytes - 1) & ~(page_bytes - 1);
  peer->map = mmap(NULL, 2 * peer->direction_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, peer->ring_fd, 0);
  if (peer->map == MAP_FAILED ||
      ring_attach(&peer->in, (void *)peer->map, peer->direction_bytes, generation) < 0 ||
      ring_attach(&peer->out, (void *)(peer->map + peer->direction_bytes), peer->direction_bytes, generation) < 0)
    exit(1);
}

static void offer_processes(struct peer *peer)
{
  struct hello hello = { .pid = (uint32_t)getpid(), .wire_version = WIRE_VERSION, .slots = peer->slots };
  struct parked parked = { .pid = (uint32_t)getpid(), .memory_kib = 1024 };
  write_record(peer, (struct ring_record){ .kind = RECORD_HELLO }, &hello, sizeof hello);
  for (uint32_t slot = 0; slot < OFFERED_SLOTS; slot++)
    write_record(peer, (struct ring_record){ .kind = RECORD_PARKED, .slot = slot, .generation = 1 }, &parked,
                 sizeof parked);
}

static void take_call(struct peer *peer)
{
  static unsigned char payload[RECORD_PAYLOAD_MAX_BYTES];
  struct pollfd bell = { .fd = peer->socket_fd, .events = POLLIN };
  do {
    while (ring_read(&peer->in, &peer->start, payload, sizeof payload) == 1)
      if (peer->start.kind == RECORD_START) return;
    struct channel_message message;
    if (ring_arm(&peer->in) == 0 && poll(&bell, 1, -1) == 1)
      while (recv(peer->socket_fd, &message, sizeof message, MSG_DONTWAIT) > 0) continue;
  } while ((bell.revents & POLLHUP) == 0);
  exit(0);
}

static const struct attack *find(const char *name)
{
  const struct attack *const tables[] = { index_attacks, record_attacks, stream_attacks };
  for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
    for (const struct attack *each = tables[i]; each->name != NULL; each++)
      if (strcmp(each->name, name) == 0) return each;
  return NULL;
}

int main(int argc, char **argv)
{
  (void)argc;
  char folder[PATH_MAX] = "", path[PATH_MAX + 32], name[64] = "";
  if (readlink("/proc/self/exe", folder, sizeof folder - 1) < 0) return 1;
  *strrchr(folder, '/') = 0;
  if (strcmp(option(argv, "--runtime"), "python") != 0 || strcmp(option(argv, "--generation"), "1") != 0) {
    snprintf(path, sizeof path, "%s/honest-keeper", folder);
    execv(path, argv);
    return 1;
  }
  snprintf(path, sizeof path, "%s/attack", folder);
  FILE *file = fopen(path, "r");
  const struct attack *attack = file != NULL && fgets(name, sizeof name, file) != NULL ? find(name) : NULL;
  struct peer peer;
  if (attack == NULL) return 1;
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* what does not look at its socket does not see the daemon end */
  open_peer(&peer, argv);
  offer_processes(&peer);
  if (!attack->is_early) take_call(&peer);
  attack->run(&peer);
  peer_wait();
}
