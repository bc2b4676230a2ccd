/* A keeper's end of a channel for the tests of the addon: argv is a mode, the ring's size and its generation. The
 * channel socket is descriptor 3, the ring descriptor 4.
 *   echo      answers every record with the same one as RECORD_STDOUT, until RECORD_STOP
 *   flood N   publishes N records as fast as there is room, then waits for end of file
 *   last N    publishes N records and exits at once
 *   deaf      reads nothing until a message with a descriptor comes, then is echo
 *   hold N    consumes N records, answers none, publishes one, and waits for end of file
 *   liar      publishes an impossible tail and waits for end of file
 *   ringer N  rings N times for nothing, then is echo
 *   thinker N echoes every record after N microseconds of work
 *   turncoat N  echoes N records, answers the next by an impossible tail, and waits for end of file
 *   closer    closes the channel socket and sleeps on */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "ring.h"
#include "wire.h"

enum { SOCKET_FD = 3, RING_FD = 4 };
static struct ring in, out;
static uint64_t work_ns;
static unsigned char payload[RECORD_PAYLOAD_MAX_BYTES];

static void doorbell(void)
{
  struct channel_message message = { 0 };
  (void)!send(SOCKET_FD, &message, sizeof message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Waits for a message; exits at end of file. 1 if a descriptor came with it, which is reported as a record. */
static void publish(struct ring_record record, const void *bytes, size_t length);
static int wait_message(void)
{
  struct channel_message message;
  struct pollfd readable = { .fd = SOCKET_FD, .events = POLLIN };
  int fd;
  size_t fd_count;
  poll(&readable, 1, -1);
  ssize_t got = receive_with_fds(SOCKET_FD, &message, sizeof message, &fd, 1, &fd_count, 0);
  if (got == 0 || got == -ECONNRESET) exit(0);
  if (got < 0) exit(3);
  if (fd_count == 0) return 0;
  struct stat status;
  fstat(fd, &status);
  uint64_t inode = status.st_ino;
  close(fd);
  publish((struct ring_record){ .kind = RECORD_STDERR, .call_id = message.call_id }, &inode, sizeof inode);
  return 1;
}

static void publish(struct ring_record record, const void *bytes, size_t length)
{
  struct ring_part part = { .bytes = bytes, .length = length };
  for (;;) {
    int status = ring_write(&out, &record, &part, 1);
    if (status == 1) doorbell();
    if (status >= 0) return;
    if (status != -EAGAIN) exit(4);
    wait_message();
  }
}

/* `count` records: 0, without end. */
static void echo(uint32_t count)
{
  for (uint32_t left = count; count == 0 || left > 0;) {
    struct ring_record record;
    int status = ring_read(&in, &record, payload, sizeof payload);
    if (status < 0) exit(5);
    if (status == 1) {
      if (ring_space_wanted(&in)) doorbell();
      if (record.kind == RECORD_STOP) exit(0);
      for (uint64_t until_ns = now_ns() + work_ns; work_ns > 0 && now_ns() < until_ns;) {}
      record.kind = RECORD_STDOUT;
      publish(record, payload, record.length_bytes);
      left--;
    } else if (ring_arm(&in) == 0) {
      wait_message();
    }
  }
}

static void number_records(uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) publish((struct ring_record){ .kind = RECORD_STDOUT, .call_id = i }, &i, sizeof i);
}

static void consume(uint32_t count)
{
  struct ring_record record;
  while (count > 0)
    if (ring_read(&in, &record, payload, sizeof payload) == 1) count--;
}

int main(int argc, char **argv)
{
  if (argc != 5) return 2;
  uint32_t size_bytes = (uint32_t)atoi(argv[2]);
  uint64_t generation = strtoull(argv[3], NULL, 10);
  uint32_t count = (uint32_t)atoi(argv[4]);
  size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
  size_t direction_bytes = (ring_bytes(size_bytes) + page_bytes - 1) & ~(page_bytes - 1);
  char *map = mmap(NULL, 2 * direction_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, RING_FD, 0);
  if (map == MAP_FAILED) return 6;
  struct ring_shared *first = (void *)map, *second = (void *)(map + direction_bytes);
  if (ring_attach(&in, first, direction_bytes, generation) != 0) return 7;
  if (ring_attach(&out, second, direction_bytes, generation) != 0) return 8;

  if (strcmp(argv[1], "echo") == 0) echo(0);
  if (strcmp(argv[1], "flood") == 0) number_records(count);
  if (strcmp(argv[1], "last") == 0) return number_records(count), 0;
  if (strcmp(argv[1], "hold") == 0) {
    consume(count);
    number_records(1);
  }
  if (strcmp(argv[1], "marker") == 0) {
    ring_mark(&out, 1ull << 40 | count);
    number_records(1);
  }
  if (strcmp(argv[1], "deaf") == 0) {
    while (!wait_message()) {}
    echo(0);
  }
  if (strcmp(argv[1], "thinker") == 0) {
    work_ns = count * 1000ull;
    echo(0);
  }
  if (strcmp(argv[1], "turncoat") == 0) {
    echo(count);
    consume(1);
  }
  if (strcmp(argv[1], "liar") == 0 || strcmp(argv[1], "turncoat") == 0) {
    __atomic_store_n(&second->tail, 1ull << 40, __ATOMIC_RELEASE);
    doorbell();
  }
  if (strcmp(argv[1], "ringer") == 0) {
    struct channel_message bell = { 0 };
    for (uint32_t i = 0; i < count; i++)
      if (send(SOCKET_FD, &bell, sizeof bell, MSG_NOSIGNAL) < 0 && errno != EAGAIN) exit(0); /* waits for room: each is to be seen */
    echo(0);
  }
  if (strcmp(argv[1], "closer") == 0) {
    close(SOCKET_FD);
    pause();
  }
  for (;;) wait_message();
}
