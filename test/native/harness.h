/* Named tests for C: TEST(what_holds) { CHECK(...); } registers itself; a failed CHECK ends the test, not the run. */
#ifndef HOOK_SUPERVISOR_TEST_HARNESS_H
#define HOOK_SUPERVISOR_TEST_HARNESS_H

#include <stdint.h>

#define TEST_ALARM_SECONDS 60 /* a lost wake-up would hang for ever: the run then ends and names the test */

void harness_add(const char *name, void (*run)(void));

/* Only on the main thread: jumps out of the running test. */
_Noreturn void harness_fail(const char *file, int line, const char *what, int64_t got, int64_t wanted);

/* Ends the test without a verdict, for want of something that not every machine has. */
_Noreturn void harness_skip(const char *reason);

#define TEST(name)                                                                        \
  static void name(void);                                                                 \
  __attribute__((constructor)) static void register_##name(void) { harness_add(#name, name); } \
  static void name(void)

#define CHECK(condition) \
  do { if (!(condition)) harness_fail(__FILE__, __LINE__, #condition, 0, 1); } while (0)

#define CHECK_EQUAL(got, wanted)                                                          \
  do {                                                                                    \
    int64_t got_ = (int64_t)(got), wanted_ = (int64_t)(wanted);                           \
    if (got_ != wanted_) harness_fail(__FILE__, __LINE__, #got " == " #wanted, got_, wanted_); \
  } while (0)

/* A small seeded generator: the same seed gives the same run on every machine. */
struct random_source { uint64_t state; };
uint64_t random_next(struct random_source *random);
uint32_t random_below(struct random_source *random, uint32_t bound);

#endif
