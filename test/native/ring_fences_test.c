/* The two places where a wake-up could be lost: each side stores a word and then loads the other's. Without the full
 * fences both may load the old value, so the two sides do their step at the same moment, many times over. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include "ring_fixture.h"

#define ROUNDS 100000

struct meeting { uint32_t reached[2] __attribute__((aligned(128))); };

/* Returns when both sides have come to this step. Yields, so that it ends on a single core too. */
static void meet(struct meeting *meeting, int me, uint32_t step)
{
  __atomic_store_n(&meeting->reached[me], step, __ATOMIC_RELEASE);
  for (uint32_t i = 0; __atomic_load_n(&meeting->reached[!me], __ATOMIC_ACQUIRE) < step; i++)
    if (i > 1000) sched_yield();
}

/* The two sides wait by different cycles, so that their steps meet at every distance. */
static void wait_a_little(uint32_t turns)
{
  for (volatile uint32_t i = 0; i < turns; i = i + 1) continue;
}

struct duel {
  struct ring_pair pair;
  struct meeting meeting;
  int written;
};

static int write_one(struct duel *duel)
{
  return write_pattern(&duel->pair.producer, 1, 8, 0);
}

static void *duel_producer(void *argument)
{
  struct duel *duel = argument;
  for (uint32_t round = 1; round <= ROUNDS; round++) {
    meet(&duel->meeting, 0, 2 * round);
    wait_a_little(round % 97);
    duel->written = write_one(duel);
    meet(&duel->meeting, 0, 2 * round + 1);
  }
  return NULL;
}

static int read_one(struct duel *duel)
{
  struct ring_record head;
  int is_whole;
  return read_pattern(&duel->pair.consumer, &head, &is_whole);
}

TEST(a_write_and_an_arming_at_the_same_moment_never_miss_each_other)
{
  static struct duel duel;
  duel = (struct duel){ 0 };
  pair_open(&duel.pair, SMALLEST_RING_BYTES);
  pthread_t thread;
  CHECK_EQUAL(pthread_create(&thread, NULL, duel_producer, &duel), 0);
  int lost = 0;
  for (uint32_t round = 1; round <= ROUNDS; round++) {
    while (read_one(&duel) == 1) continue;
    __atomic_store_n(&duel.pair.shared->need_wake, 0, __ATOMIC_SEQ_CST);
    meet(&duel.meeting, 1, 2 * round);
    wait_a_little(round % 89);
    int armed = ring_arm(&duel.pair.consumer);
    meet(&duel.meeting, 1, 2 * round + 1);
    lost += armed == 0 && duel.written == 0; /* asleep, and nobody rings */
  }
  pthread_join(thread, NULL);
  pair_close(&duel.pair);
  CHECK_EQUAL(lost, 0);
}

TEST(a_full_ring_and_a_read_at_the_same_moment_never_miss_each_other)
{
  static struct duel duel;
  duel = (struct duel){ 0 };
  pair_open(&duel.pair, SMALLEST_RING_BYTES);
  pthread_t thread;
  CHECK_EQUAL(pthread_create(&thread, NULL, duel_producer, &duel), 0);
  int lost = 0;
  for (uint32_t round = 1; round <= ROUNDS; round++) {
    while (write_one(&duel) >= 0) continue; /* the other thread waits: its side of the ring is ours to fill */
    __atomic_store_n(&duel.pair.shared->want_space, 0, __ATOMIC_SEQ_CST);
    meet(&duel.meeting, 1, 2 * round);
    wait_a_little(round % 89);
    read_one(&duel);
    int is_wanted = ring_space_wanted(&duel.pair.consumer);
    meet(&duel.meeting, 1, 2 * round + 1);
    lost += duel.written == -EAGAIN && is_wanted == 0; /* waiting for room, and nobody rings back */
  }
  pthread_join(thread, NULL);
  pair_close(&duel.pair);
  CHECK_EQUAL(lost, 0);
}
