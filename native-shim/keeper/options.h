/* The keeper's command line. */
#ifndef KEEPER_OPTIONS_H
#define KEEPER_OPTIONS_H

#include <stdint.h>

#define SLOTS_MAX 256u

enum runtime { RUNTIME_EXEC, RUNTIME_PYTHON, RUNTIME_NODE };

struct options {
  int channel_fd;
  int ring_fd;
  uint32_t ring_bytes;
  uint64_t generation;
  const char *pool;
  enum runtime runtime;
  uint32_t slots;
  uint32_t parked;
  int cgroup_fd;          /* -1: no cgroup */
  const char *memory_max; /* text for the leaf's file of that name; NULL: leave it alone */
  const char *swap_max;
  const char *pids_max;
  const char *cpu_max;
  char **zygote_argv; /* NULL for RUNTIME_EXEC. RUNTIME_NODE: the file of a parked process, then its argv */
};

/* 0, or -EINVAL with *complaint naming the option that is missing or wrong. */
int options_parse(struct options *options, int argc, char **argv, const char **complaint);

#endif
