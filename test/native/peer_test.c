/* A resident worker's end of its channel, with the daemon's end in the same process. */
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define RING_BYTES (256u * 1024)
#define GENERATION 9
#define SLEEP_MS 10

struct channel {
  unsigned char *memory;
  size_t one;
  struct ring to_peer, from_peer;
  int ring_fd, socket_fd, peer_socket_fd;
};

static struct peer peer;
static unsigned char text[RESIDENT_MESSAGE_MAX_BYTES + 1];
static unsigned char piece[RECORD_PAYLOAD_MAX_BYTES];

static struct channel channel_open(void)
{
  struct channel channel;
  int pair[2];
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  channel.one = (ring_bytes(RING_BYTES) + page - 1) / page * page;
  channel.ring_fd = memfd_create("peer-test", MFD_CLOEXEC);
  CHECK_EQUAL(ftruncate(channel.ring_fd, (off_t)(2 * channel.one)), 0);
  channel.memory = mmap(NULL, 2 * channel.one, PROT_READ | PROT_WRITE, MAP_SHARED, channel.ring_fd, 0);
  CHECK(channel.memory != MAP_FAILED);
  struct ring_shared *down = (struct ring_shared *)channel.memory;
  struct ring_shared *up = (struct ring_shared *)(channel.memory + channel.one);
  CHECK_EQUAL(ring_format(down, RING_BYTES, GENERATION), 0);
  CHECK_EQUAL(ring_format(up, RING_BYTES, GENERATION), 0);
  CHECK_EQUAL(ring_attach(&channel.to_peer, down, channel.one, GENERATION), 0);
  CHECK_EQUAL(ring_attach(&channel.from_peer, up, channel.one, GENERATION), 0);
  CHECK_EQUAL(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
  channel.socket_fd = pair[0];
  channel.peer_socket_fd = pair[1];
  return channel;
}

static struct channel channel_attached(void)
{
  struct channel channel = channel_open();
  CHECK_EQUAL(peer_attach(&peer, channel.ring_fd, channel.peer_socket_fd, RING_BYTES, GENERATION), 0);
  for (size_t i = 0; i < sizeof text; i++) text[i] = (unsigned char)(i * 131 >> 7 | 1);
  return channel;
}

static void channel_close(const struct channel *channel)
{
  munmap(channel->memory, 2 * channel->one);
  close(channel->socket_fd);
  close(channel->peer_socket_fd);
  free(peer.gathered);
}

static int put(struct channel *channel, uint16_t kind, uint64_t call, uint16_t flags, size_t from, size_t length)
{
  struct ring_record head = { .kind = kind, .flags = flags, .call_id = call };
  struct ring_part part = { text + from, length };
  return ring_write(&channel->to_peer, &head, &part, 1);
}

TEST(the_other_side_of_a_channel_is_attached_crosswise_and_its_descriptor_closed)
{
  struct channel channel = channel_attached();
  struct peer_message message;
  CHECK_EQUAL(fcntl(channel.ring_fd, F_GETFD), -1);
  CHECK_EQUAL(peer_next(&peer, &message), 0);
  CHECK(put(&channel, RECORD_ASK, 5, 0, 0, 100) >= 0);
  CHECK_EQUAL(peer_next(&peer, &message), 1);
  CHECK_EQUAL(message.kind, RECORD_ASK);
  CHECK_EQUAL(message.call_id, 5);
  CHECK_EQUAL(message.length, 100);
  CHECK_EQUAL(memcmp(message.bytes, text, 100), 0);
  CHECK_EQUAL(peer_next(&peer, &message), 0);
  channel_close(&channel);
}

TEST(memory_of_another_size_or_generation_is_refused)
{
  struct channel channel = channel_open();
  CHECK_EQUAL(peer_attach(&peer, dup(channel.ring_fd), channel.peer_socket_fd, RING_BYTES, GENERATION + 1), -EPROTO);
  CHECK_EQUAL(peer_attach(&peer, dup(channel.ring_fd), channel.peer_socket_fd, 2 * RING_BYTES, GENERATION), -EPROTO);
  CHECK_EQUAL(peer_attach(&peer, -1, channel.peer_socket_fd, RING_BYTES, GENERATION), -EBADF);
  close(channel.ring_fd);
  channel_close(&channel);
}

TEST(fragments_are_one_message_and_the_next_is_its_own)
{
  struct channel channel = channel_attached();
  struct peer_message message;
  size_t max = RECORD_PAYLOAD_MAX_BYTES;
  CHECK(put(&channel, RECORD_ASK, 5, RECORD_MORE, 0, max) >= 0);
  CHECK(put(&channel, RECORD_ASK, 5, RECORD_MORE, max, max) >= 0);
  CHECK_EQUAL(peer_next(&peer, &message), 0);
  CHECK(put(&channel, RECORD_ASK, 5, 0, 2 * max, 77) >= 0);
  CHECK(put(&channel, RECORD_PING, 6, 0, 0, 0) >= 0);
  CHECK_EQUAL(peer_next(&peer, &message), 1);
  CHECK_EQUAL(message.length, 2 * max + 77);
  CHECK_EQUAL(memcmp(message.bytes, text, message.length), 0);
  CHECK_EQUAL(peer_next(&peer, &message), 1);
  CHECK_EQUAL(message.kind, RECORD_PING);
  CHECK_EQUAL(message.length, 0);
  CHECK(peer.gathered == NULL);
  channel_close(&channel);
}

TEST(a_message_without_end_is_refused_at_its_bound)
{
  struct channel channel = channel_attached();
  struct peer_message message;
  for (size_t sent = 0; sent < RESIDENT_MESSAGE_MAX_BYTES; sent += RECORD_PAYLOAD_MAX_BYTES) {
    CHECK(put(&channel, RECORD_ASK, 5, RECORD_MORE, 0, RECORD_PAYLOAD_MAX_BYTES) >= 0);
    CHECK_EQUAL(peer_next(&peer, &message), 0);
  }
  CHECK(put(&channel, RECORD_ASK, 5, RECORD_MORE, 0, 1) >= 0);
  CHECK_EQUAL(peer_next(&peer, &message), -EMSGSIZE);
  channel_close(&channel);
}

TEST(attaching_writes_to_nothing_of_the_room_for_records)
{
  struct channel channel = channel_open();
  memset(peer.piece, 0xa5, sizeof peer.piece);
  CHECK_EQUAL(peer_attach(&peer, channel.ring_fd, channel.peer_socket_fd, RING_BYTES, GENERATION), 0);
  size_t written = 0;
  for (size_t i = 0; i < sizeof peer.piece; i++) written += peer.piece[i] != 0xa5;
  CHECK_EQUAL(written, 0);
  CHECK_EQUAL((long)peer.gathered_bytes, 0);
  channel_close(&channel);
}

TEST(a_long_message_goes_out_as_full_fragments_while_the_other_side_reads)
{
  struct channel channel = channel_attached();
  struct ring_record head;
  size_t length = RESIDENT_MESSAGE_MAX_BYTES, got = 0;
  pid_t reader = fork(); /* the worker's mapping does not come along, ours does */
  CHECK(reader >= 0);
  if (reader == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    do {
      int status = ring_read(&channel.from_peer, &head, piece, sizeof piece);
      if (status < 0) _exit(2);
      if (status == 0) {
        usleep(100);
        continue;
      }
      if (ring_space_wanted(&channel.from_peer) && send(channel.socket_fd, "bell", 4, 0) < 0) _exit(3);
      int is_last = got + head.length_bytes == length;
      if (head.flags != (is_last ? 0 : RECORD_MORE) || head.call_id != 4 || head.generation != GENERATION) _exit(4);
      if (memcmp(piece, text + got, head.length_bytes) != 0) _exit(5);
      got += head.length_bytes;
    } while (got < length);
    _exit(0);
  }
  CHECK_EQUAL(peer_send(&peer, RECORD_ANSWER, 4, text, length), 1); /* it had to wait, and doorbells were taken */
  int status;
  CHECK_EQUAL(waitpid(reader, &status, 0), reader);
  CHECK_EQUAL(status, 0);
  CHECK_EQUAL(peer_send(&peer, RECORD_ANSWER, 4, text, length + 1), -EMSGSIZE);
  channel_close(&channel);
}

TEST(waiting_ends_with_a_doorbell_the_time_the_input_or_the_other_side)
{
  struct channel channel = channel_attached();
  struct peer_message message;
  CHECK_EQUAL(peer_wait(&peer, SLEEP_MS), 0);
  CHECK_EQUAL(put(&channel, RECORD_PING, 1, 0, 0, 0), 1); /* it sleeps: a doorbell is due */
  CHECK_EQUAL(peer_wait(&peer, SLEEP_MS), 1);
  CHECK_EQUAL(peer_next(&peer, &message), 1);
  CHECK_EQUAL(send(channel.socket_fd, "bell", 4, 0), 4);
  CHECK_EQUAL(peer_wait(&peer, SLEEP_MS), 1);
  int life[2];
  CHECK_EQUAL(pipe(life), 0);
  peer.life_fd = life[0];
  CHECK_EQUAL(write(life[1], "x", 1), 1);
  CHECK_EQUAL(peer_wait(&peer, SLEEP_MS), 0); /* what is written there is nobody's business */
  close(life[1]);
  CHECK_EQUAL(peer_wait(&peer, SLEEP_MS), -ESHUTDOWN);
  close(life[0]);
  peer.life_fd = -1;
  close(channel.socket_fd);
  channel.socket_fd = -1;
  CHECK_EQUAL(peer_wait(&peer, SLEEP_MS), -EPIPE);
  channel_close(&channel);
}
