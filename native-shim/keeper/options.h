/* The keeper's command line. */
#ifndef KEEPER_OPTIONS_H
#define KEEPER_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "sandbox.h"

#define SLOTS_MAX 256u
#define LEAF_LIMITS_MAX 16u
#define CONTROLLERS_MAX 4u

enum runtime { RUNTIME_EXEC, RUNTIME_PYTHON, RUNTIME_NODE };

#define CONFINE_ARGUMENTS_MAX (2 * (2 * SANDBOX_PATHS_MAX + 8))

/* Of a level above contained. */
struct confinement {
  uint32_t level;  /* LEVEL_* */
  uint32_t layers; /* LAYER_BIT */
  int has_network; /* the host's */
  int has_door;    /* a listening socket of each process goes out by door_fd: see confine/door.h */
  int door_fd;     /* -1: none */
  size_t write_count, protect_count;
  const char *writes[SANDBOX_PATHS_MAX], *protects[SANDBOX_PATHS_MAX];
  size_t argument_count; /* for supervisor-confine as they came, all but --protect */
  const char *arguments[CONFINE_ARGUMENTS_MAX];
};

/* A file of a leaf and what is to be written there. The daemon's driver knows the files of its kind of cgroup; we do
 * not. */
struct leaf_limit {
  const char *file;
  const char *text;
};

/* A controller that has a v1 hierarchy of its own, and the pool's group there. */
struct controller {
  const char *name;
  int fd;
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
  struct controller controllers[CONTROLLERS_MAX]; /* none with v2: all is in cgroup_fd */
  unsigned controller_count;
  struct leaf_limit limits[LEAF_LIMITS_MAX]; /* written in this order */
  unsigned limit_count;
  uint64_t cpu_time_max_ms; /* of a task; 0: none */
  uint64_t memory_poll_max_bytes; /* of a task that has no leaf; 0: none */
  struct confinement confinement;
  char **zygote_argv; /* NULL for RUNTIME_EXEC. RUNTIME_NODE: the file of a parked process, then its argv */
};

/* 0, or -EINVAL with *complaint naming the option that is missing or wrong. */
int options_parse(struct options *options, int argc, char **argv, const char **complaint);

#endif
