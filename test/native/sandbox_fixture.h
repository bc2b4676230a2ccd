/* A child to confine: what it finds out comes back as a number. */
#ifndef HOOK_SUPERVISOR_TEST_SANDBOX_FIXTURE_H
#define HOOK_SUPERVISOR_TEST_SANDBOX_FIXTURE_H

#include <stdint.h>
#include <sys/types.h>

#include "sandbox.h"

/* In a child: what does not hold is answered with its line. */
#define EXPECT(condition) \
  do { if (!(condition)) return __LINE__; } while (0)
/* The call fails, with this errno and no other. */
#define EXPECT_ERRNO(call, wanted)      \
  do {                                  \
    errno = 0;                          \
    if ((call) >= 0) return __LINE__;   \
    if (errno != (wanted)) return errno * 10000 + __LINE__; \
  } while (0)

/* Runs it in a forked child. Its result, or -signal if the child was killed. */
int in_child(int (*run)(void *), void *argument);
/* The same in a child without root's rights; as we are where we have none. */
int in_ordinary_child(int (*run)(void *), void *argument);

#define CHECK_IN_CHILD(run, argument)               \
  do {                                              \
    CHECK_EQUAL(in_child(run, argument), 0);          \
    CHECK_EQUAL(in_ordinary_child(run, argument), 0); \
  } while (0)

/* A folder that every user may write to, removed with all that is in it by remove_folder(). */
const char *make_folder(void);
void remove_folder(void);
/* Below it; at most eight are valid at a time. */
const char *in_folder(const char *name);
void make_file(const char *path, const char *text);

int landlock_abi_or_skip(int wanted);
/* no_new_privs and this list of rules. 0 or -errno. */
int restrict_files(const struct sandbox_rule *rules, size_t count, int is_tcp_denied);
/* no_new_privs and the filter. 0 or -errno. */
int restrict_calls(uint32_t cases);

#endif
