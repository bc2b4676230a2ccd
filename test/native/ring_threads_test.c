/* Producer and consumer in two threads that really sleep. A lost wake-up leaves one of them asleep until the alarm. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ring_fixture.h"

struct side {
  struct ring *ring;
  int doorbell; /* one end of a SOCK_SEQPACKET pair, as between daemon and keeper */
  uint32_t records;
  uint32_t length_max_bytes;
  uint64_t pause_mask; /* a side pauses where (count & mask) == 0, so that the other one runs dry or full */
  int64_t failed_at;   /* first record that went wrong, or 0 */
};

static void ring_doorbell(const struct side *side)
{
  (void)!send(side->doorbell, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void sleep_until_doorbell(const struct side *side)
{
  char bytes[1];
  struct pollfd poll_entry = { .fd = side->doorbell, .events = POLLIN };
  while (poll(&poll_entry, 1, -1) < 0) continue;
  while (recv(side->doorbell, bytes, sizeof bytes, MSG_DONTWAIT) > 0) continue;
}

static void pause_briefly(const struct side *side, uint64_t count)
{
  if ((count & side->pause_mask) == 0) usleep(200);
}

static void *produce(void *argument)
{
  struct side *side = argument;
  struct random_source random = { 1 };
  for (uint64_t call_id = 1; call_id <= side->records; call_id++) {
    uint32_t length_bytes = random_below(&random, side->length_max_bytes + 1);
    int status;
    while ((status = write_pattern(side->ring, call_id, length_bytes, 0)) == -EAGAIN) sleep_until_doorbell(side);
    if (status < 0) {
      side->failed_at = (int64_t)call_id;
      break;
    }
    if (status == 1) ring_doorbell(side);
    pause_briefly(side, call_id);
  }
  return NULL;
}

static void *consume_all(void *argument)
{
  struct side *side = argument;
  struct random_source random = { 1 };
  for (uint64_t call_id = 1; call_id <= side->records; call_id++) {
    uint32_t length_bytes = random_below(&random, side->length_max_bytes + 1);
    struct ring_record head;
    int is_whole, status;
    while ((status = read_pattern(side->ring, &head, &is_whole)) == 0)
      if (ring_arm(side->ring) == 0) sleep_until_doorbell(side);
    if (status < 0 || !is_whole || head.call_id != call_id || head.length_bytes != length_bytes) {
      side->failed_at = (int64_t)call_id;
      break;
    }
    if (ring_space_wanted(side->ring) == 1) ring_doorbell(side);
    pause_briefly(side, call_id);
  }
  return NULL;
}

static void run(uint32_t records, uint32_t length_max_bytes, uint64_t producer_mask, uint64_t consumer_mask)
{
  struct ring_pair pair;
  int doorbells[2];
  pair_open(&pair, SMALLEST_RING_BYTES);
  CHECK_EQUAL(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, doorbells), 0);
  struct side producer = { .ring = &pair.producer, .doorbell = doorbells[0], .pause_mask = producer_mask };
  struct side consumer = { .ring = &pair.consumer, .doorbell = doorbells[1], .pause_mask = consumer_mask };
  producer.records = consumer.records = records;
  producer.length_max_bytes = consumer.length_max_bytes = length_max_bytes;
  pthread_t threads[2];
  CHECK_EQUAL(pthread_create(&threads[0], NULL, produce, &producer), 0);
  CHECK_EQUAL(pthread_create(&threads[1], NULL, consume_all, &consumer), 0);
  pthread_join(threads[0], NULL);
  pthread_join(threads[1], NULL);
  close(doorbells[0]);
  close(doorbells[1]);
  CHECK_EQUAL(producer.failed_at, 0);
  CHECK_EQUAL(consumer.failed_at, 0);
  CHECK_EQUAL(pair.producer.records, records);
  CHECK_EQUAL(pair.consumer.records, records);
  CHECK(is_all_zero(pair.shared->data, SMALLEST_RING_BYTES));
  /* The case must be what its name says: a side that pauses makes the other one sleep. */
  if (producer_mask != UINT64_MAX) CHECK(pair.producer.wakeups > 0);
  if (consumer_mask != UINT64_MAX) CHECK(pair.consumer.wakeups > 0);
  pair_close(&pair);
}

TEST(two_threads_pass_short_records_without_losing_a_wake_up) { run(40000, 64, UINT64_MAX, UINT64_MAX); }
TEST(two_threads_with_a_slow_producer_put_the_consumer_to_sleep) { run(1000, 64, 7, UINT64_MAX); }
TEST(two_threads_with_a_slow_consumer_put_the_producer_to_sleep) { run(200, 60000, UINT64_MAX, 7); }
TEST(two_threads_pass_records_of_all_lengths) { run(300, RECORD_PAYLOAD_MAX_BYTES, UINT64_MAX, UINT64_MAX); }
