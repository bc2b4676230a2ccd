/* For resident.so: a process that was forked, and is to keep its memory, enters a sandbox as supervisor-confine does. */
#include "forked.h"

#include <unistd.h>

#include "enter.h"
#include "failure.h"
#include "private_memory.h"
#include "sys.h"

#define OURSELVES "resident-native.so"

/* By the C library, which keeps a process's number in its memory. */
static int fork_of_libc(void)
{
  int child = fork();
  return child < 0 ? -errno : child;
}

/* The first process of a namespace gets a signal from within only if it has a handler, which would run without its memory.
 * Not inlined: a frame with a guard cannot be left once that is forgotten. */
__attribute__((noinline)) static void forget_handlers(void)
{
  const struct sys_sigaction defaults = { .handler = 0 };
  struct sys_sigaction found;
  for (int signal = 1; signal <= SYS_SIGNAL_MAX; signal++) {
    if (sys_signal_action(signal, NULL, &found) < 0 || found.handler <= (uintptr_t)SIG_IGN) continue;
    sys_signal_action(signal, &defaults, NULL);
  }
}

/* A and B would hold each page as it was that the worker has written to since. From here on they run on their stack, without
 * the C library: its memory, and the guard of the stack's frames, is gone. */
static void forget(const void *memory)
{
  const struct private_memory *found = memory;
  forget_handlers();
  for (size_t i = 0; i < found->count; i++)
    SYS6(SYS_madvise, found->ranges[i].start, found->ranges[i].end - found->ranges[i].start, MADV_DONTNEED, 0, 0, 0);
}

void confine_forked(char **argv)
{
  struct confine_options options;
  struct private_memory memory;
  const struct chain_hands hands = { .fork_here = fork_of_libc, .forget = forget, .memory = &memory };
  const char *complaint = confine_options_parse(&options, argv);
  if (complaint != NULL) fail_at(&options, STAGE_ORDER, -EINVAL, complaint);
  options.is_forked = 1;
  private_memory_find(&memory, OURSELVES);
  sandbox_enter(&options, &hands);
}
