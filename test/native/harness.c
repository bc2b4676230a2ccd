#include "harness.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TESTS_MAX 128

static struct { const char *name; void (*run)(void); } tests[TESTS_MAX];
static int test_count;
static const char *running;
static jmp_buf after_failure;

void harness_add(const char *name, void (*run)(void))
{
  if (test_count == TESTS_MAX) {
    fprintf(stderr, "more than %d tests in one program\n", TESTS_MAX);
    _exit(1);
  }
  tests[test_count].name = name;
  tests[test_count++].run = run;
}

void harness_fail(const char *file, int line, const char *what, int64_t got, int64_t wanted)
{
  fprintf(stderr, "FAILED %s\n  %s:%d: %s (got %lld, wanted %lld)\n", running, file, line, what, (long long)got,
          (long long)wanted);
  longjmp(after_failure, 1);
}

void harness_skip(const char *reason)
{
  fprintf(stderr, "SKIPPED %s: %s\n", running, reason);
  longjmp(after_failure, 2);
}

static void on_alarm(int signal)
{
  (void)signal;
  static const char text[] = ": no end in sight, given up\n";
  (void)!write(2, running, strlen(running));
  (void)!write(2, text, sizeof text - 1);
  _exit(1);
}

uint64_t random_next(struct random_source *random)
{
  uint64_t x = random->state += 0x9e3779b97f4a7c15ull; /* splitmix64 */
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

uint32_t random_below(struct random_source *random, uint32_t bound)
{
  return (uint32_t)(random_next(random) % bound);
}

int main(void)
{
  volatile int failed = 0, skipped = 0; /* volatile: they outlive the jump */
  signal(SIGALRM, on_alarm);
  signal(SIGPIPE, SIG_DFL); /* whoever started us may have ignored it, which would hide a missing MSG_NOSIGNAL */
  for (volatile int i = 0; i < test_count; i = i + 1) {
    running = tests[i].name;
    alarm(TEST_ALARM_SECONDS);
    switch (setjmp(after_failure)) {
    case 0: tests[i].run(); break;
    case 1: failed = failed + 1; break;
    default: skipped = skipped + 1; break;
    }
  }
  alarm(0);
  printf("%d passed, %d failed\n", test_count - failed - skipped, failed);
  return failed > 0;
}
