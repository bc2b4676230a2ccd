/* For resident.so: a process that was forked, and is to keep its memory, enters a sandbox as supervisor-confine does. */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "enter.h"
#include "failure.h"
#include "sys.h"

#define RANGES_MAX 512
#define STACK "[stack]"
#define OURSELVES "resident-native.so"

struct writable {
  size_t count;
  struct { unsigned long start, end; } ranges[RANGES_MAX];
};

/* By the C library, which keeps a process's number in its memory. */
static int fork_of_libc(void)
{
  int child = fork();
  return child < 0 ? -errno : child;
}

/* All private memory that may be written to, but the stack and what belongs to this file. What is not found is only kept. */
static void note_writable(struct writable *found)
{
  char line[512];
  FILE *maps = fopen("/proc/self/maps", "re");
  found->count = 0;
  if (maps == NULL) return;
  while (found->count < RANGES_MAX && fgets(line, sizeof line, maps) != NULL) {
    unsigned long start, end;
    char rights[5];
    if (sscanf(line, "%lx-%lx %4s", &start, &end, rights) != 3 || strcmp(rights, "rw-p") != 0) continue;
    if (strstr(line, STACK) != NULL || strstr(line, OURSELVES) != NULL) continue;
    found->ranges[found->count].start = start;
    found->ranges[found->count++].end = end;
  }
  fclose(maps);
}

/* A and B would hold each page as it was that the worker has written to since. From here on they run on their stack, without
 * the C library: its memory, and the guard of the stack's frames, is gone. */
static void forget(const void *memory)
{
  const struct writable *found = memory;
  for (size_t i = 0; i < found->count; i++)
    SYS6(SYS_madvise, found->ranges[i].start, found->ranges[i].end - found->ranges[i].start, MADV_DONTNEED, 0, 0, 0);
}

/* argv: the options of supervisor-confine, and a word after `--`. Descriptors up to 4 are kept, others closed. Returns in the
 * sandbox; ends where a step fails. No handler for a signal may be installed: B would run it. */
__attribute__((visibility("default"))) void resident_confine(char **argv)
{
  struct confine_options options;
  struct writable writable;
  const struct chain_hands hands = { .fork_here = fork_of_libc, .forget = forget, .memory = &writable };
  const char *complaint = confine_options_parse(&options, argv);
  if (complaint != NULL) fail_at(&options, STAGE_ORDER, -EINVAL, complaint);
  options.is_forked = 1;
  note_writable(&writable);
  /* Else /proc/self belongs to root, and so does the map of user ids. */
  SYS6(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0, 0);
  sandbox_enter(&options, &hands);
  SYS6(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0, 0); /* as after an execve */
}
