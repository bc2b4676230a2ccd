/* The command line of supervisor-confine. */
#ifndef CONFINE_OPTIONS_H
#define CONFINE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "sandbox.h"

#define ORDER_FD 3
#define PROGRAM_FD 4
#define DOOR_FD 6 /* 5 is NOTE_FD; a sandbox with a door has no OUTER_USER_FD */

struct path_list {
  size_t count;
  const char *paths[SANDBOX_PATHS_MAX];
};

enum outer {
  OUTER_NONE,
  OUTER_NEW,  /* to be made, and handed to the keeper by the order socket */
  OUTER_KEPT, /* open, see OUTER_NET_FD */
};

struct confine_options {
  int is_untrusted; /* else restricted */
  uint32_t layers;  /* LAYER_BIT */
  struct path_list reads, writes, protects;
  uint64_t tmp_max_bytes, tmp_max_files;
  int has_network; /* the host's */
  int has_door;    /* its own loopback, where who holds the other end of DOOR_FD listens: see door.h */
  int is_program_open; /* the program is the file open as PROGRAM_FD, not that at command[0] */
  int is_forked;       /* no program follows, and descriptors 3 and 4 are its own: see forked.c */
  int order_fd;        /* where the program looks for the order socket, which is ORDER_FD here; -1: there is none */
  const char *name; /* argv[0] of the program; NULL: command[0] */
  enum outer outer; /* the namespaces of outer.h */
  int is_kept_by_keeper; /* failures are told as it reads them, not in words */
  char **command;
};

/* argv ends with NULL. NULL, or what is missing or wrong. */
const char *confine_options_parse(struct confine_options *options, char **argv);

static inline int has_layer(const struct confine_options *options, unsigned layer)
{
  return (options->layers >> layer & 1) != 0;
}

#endif
