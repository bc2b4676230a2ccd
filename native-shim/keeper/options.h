/* The keeper's command line. */
#ifndef KEEPER_OPTIONS_H
#define KEEPER_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "sandbox.h"

#define SLOTS_MAX 256u

enum runtime { RUNTIME_EXEC, RUNTIME_PYTHON, RUNTIME_NODE };

#define CONFINE_ARGUMENTS_MAX (2 * (2 * SANDBOX_PATHS_MAX + 8))

/* Of a level above contained. */
struct confinement {
  uint32_t level;  /* LEVEL_* */
  uint32_t layers; /* LAYER_BIT */
  int has_network;
  size_t write_count, protect_count;
  const char *writes[SANDBOX_PATHS_MAX], *protects[SANDBOX_PATHS_MAX];
  size_t argument_count; /* for supervisor-confine as they came, all but --protect */
  const char *arguments[CONFINE_ARGUMENTS_MAX];
};

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
  struct confinement confinement;
  char **zygote_argv; /* NULL for RUNTIME_EXEC. RUNTIME_NODE: the file of a parked process, then its argv */
};

/* 0, or -EINVAL with *complaint naming the option that is missing or wrong. */
int options_parse(struct options *options, int argc, char **argv, const char **complaint);

#endif
