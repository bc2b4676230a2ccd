/* Random bytes for what reads a peer's bytes. FUZZ_MS bounds each test, FUZZ_SEED repeats a run. The address sanitizer
 * is the judge of what is read; the tests judge what is said. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "frame.h"
#include "ring_fixture.h"

#define FUZZ_MS_DEFAULT 3000
#define FUZZ_TESTS 3

static uint64_t now_ms(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t number_from(const char *name, uint64_t fallback)
{
  const char *text = getenv(name);
  return text != NULL && *text != 0 ? strtoull(text, NULL, 10) : fallback;
}

static uint64_t deadline_ms(void)
{
  return now_ms() + number_from("FUZZ_MS", FUZZ_MS_DEFAULT) / FUZZ_TESTS;
}

static struct random_source seeded(const char *what)
{
  struct random_source random = { number_from("FUZZ_SEED", (uint64_t)time(NULL)) };
  fprintf(stderr, "%s: FUZZ_SEED=%llu\n", what, (unsigned long long)random.state);
  return random;
}

/* Mostly values near those that decide something. */
static uint32_t telling_number(struct random_source *random)
{
  static const uint32_t telling[] = { 0, 1, 8, 23, 24, 25, 4096, RECORD_PAYLOAD_MAX_BYTES, SMALLEST_RING_BYTES,
                                      8u << 20, 1u << 31, UINT32_MAX };
  if (random_below(random, 4) == 0) return (uint32_t)random_next(random);
  return telling[random_below(random, sizeof telling / sizeof telling[0])] + random_below(random, 17) - 8;
}

static void plant_head(struct ring_pair *pair, struct random_source *random, uint32_t offset)
{
  static const uint16_t kinds[] = { RECORD_PAD, RECORD_END, RECORD_STDOUT, RECORD_START, 0, 7, 43 };
  uint32_t edge_bytes = SMALLEST_RING_BYTES - offset;
  struct ring_record head = { .length_bytes = telling_number(random), .kind = kinds[random_below(random, 7)] };
  if (random_below(random, 3) == 0) head.length_bytes = edge_bytes - 8;
  memcpy(pair->shared->data + offset, &head, edge_bytes < sizeof head ? 8 : sizeof head);
}

/* Some honest records, then damage to data and indices, then reads and writes until one says -EPROTO or nothing. */
TEST(a_damaged_ring_is_read_within_bounds_and_never_for_ever)
{
  struct random_source random = seeded(__func__);
  unsigned char *payload = malloc(RECORD_PAYLOAD_MAX_BYTES); /* exactly what the reader may fill */
  uint64_t end_ms = deadline_ms(), refused = 0, read = 0;
  while (now_ms() < end_ms) {
    struct ring_pair pair;
    pair_open(&pair, SMALLEST_RING_BYTES);
    pair_advance(&pair, SMALLEST_RING_BYTES - 8 * random_below(&random, 200));
    for (uint32_t i = random_below(&random, 3); i > 0; i--)
      write_pattern(&pair.producer, i, random_below(&random, 500), 0);
    uint32_t offset = (uint32_t)(pair.consumer.own & (SMALLEST_RING_BYTES - 1));
    for (uint32_t i = random_below(&random, 3); i > 0; i--) {
      plant_head(&pair, &random, offset);
      offset = random_below(&random, 3) == 0 ? 0 : (offset + 8 * random_below(&random, 64)) % SMALLEST_RING_BYTES;
    }
    uint64_t reach_bytes = random_below(&random, 2) == 0 ? telling_number(&random) : 8 * random_below(&random, 99);
    if (random_below(&random, 3) > 0) pair.shared->tail = pair.consumer.own + reach_bytes;
    if (random_below(&random, 4) == 0) pair.shared->head += telling_number(&random);

    struct ring_record head;
    int status, rounds = 0;
    while ((status = ring_read(&pair.consumer, &head, payload, RECORD_PAYLOAD_MAX_BYTES)) == 1) {
      CHECK(head.length_bytes <= RECORD_PAYLOAD_MAX_BYTES && head.kind != RECORD_PAD);
      CHECK(++rounds <= (int)(SMALLEST_RING_BYTES / HEAD_BYTES));
      read++;
    }
    CHECK(status == 0 || status == -EPROTO);
    refused += status == -EPROTO;
    do status = write_pattern(&pair.producer, 1, random_below(&random, 40000), 0);
    while (status >= 0 && ++rounds < 20);
    CHECK(status >= 0 || status == -EAGAIN || status == -EPROTO);
    pair_close(&pair);
  }
  free(payload);
  CHECK(refused > 0 && read > 0);
}

TEST(random_frames_are_judged_from_the_header_and_read_within_bounds)
{
  struct random_source random = seeded(__func__);
  uint64_t end_ms = deadline_ms(), whole = 0, refused = 0;
  while (now_ms() < end_ms) {
    size_t length = random_below(&random, 200);
    unsigned char *bytes = malloc(length + 1);
    for (size_t i = 0; i < length; i++) bytes[i] = (unsigned char)random_next(&random);
    enum frame_peer peer = (enum frame_peer)random_below(&random, 3);
    if (length >= 16 && random_below(&random, 8) > 0) {
      uint32_t claimed = random_below(&random, 2) == 0 ? telling_number(&random) : random_below(&random, 200);
      frame_put_header(bytes, (uint16_t)random_below(&random, 36), 1, claimed);
    }
    struct frame_header header;
    size_t need_bytes = 0;
    unsigned char *exact = malloc(length > 0 ? length : 1);
    memcpy(exact, bytes, length);
    int status = frame_next(peer, exact, length, &header, &need_bytes);
    if (status == 1) CHECK(length >= 16 && need_bytes == 16 + header.length_bytes && need_bytes <= length);
    else if (status == 0) CHECK(need_bytes > length && need_bytes <= 16 + FRAME_CALL_MAX_BYTES);
    else CHECK(status == -EPROTO || status == -EMSGSIZE || status == -EPROTONOSUPPORT);
    whole += status == 1;
    refused += status < 0;
    free(exact);
    free(bytes);
  }
  CHECK(whole > 0 && refused > 0);
}

TEST(random_calls_are_checked_within_bounds)
{
  struct random_source random = seeded(__func__);
  uint64_t end_ms = deadline_ms(), good = 0, bad = 0;
  while (now_ms() < end_ms) {
    uint32_t blob_bytes = random_below(&random, 64);
    size_t length = sizeof(struct call_head) + blob_bytes;
    unsigned char *payload = malloc(length);
    for (uint32_t i = 0; i < blob_bytes; i++) payload[length - 1 - i] = (unsigned char)random_below(&random, 2);
    struct call_head head = { .argc = random_below(&random, 4), .envc = random_below(&random, 3) };
    head.argv_bytes = random_below(&random, 3) == 0 ? telling_number(&random) : random_below(&random, 8);
    head.env_bytes = random_below(&random, 3) == 0 ? telling_number(&random) : random_below(&random, 8);
    head.cwd_bytes = random_below(&random, 2);
    head.stdin_bytes = blob_bytes - head.argv_bytes - head.env_bytes - head.cwd_bytes; /* adds up modulo 2^32 */
    memcpy(payload, &head, sizeof head);
    if (random_below(&random, 4) == 0) length -= random_below(&random, (uint32_t)length);
    unsigned char *exact = malloc(length);
    memcpy(exact, payload, length);
    int status = frame_check_call(exact, length);
    CHECK(status == 0 || status == -EBADMSG);
    good += status == 0;
    bad += status != 0;
    free(exact);
    free(payload);
  }
  CHECK(good > 0 && bad > 0);
}
