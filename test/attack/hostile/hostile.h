/* What the hostile programs share. Each attack tries one thing and tells in one word what came of it. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stddef.h>
#include <sys/types.h>

/* Each attack's own bounds: it must not hurt the machine where nothing holds it. */
enum { ATTACK_MAX_S = 10, CHILDREN_MAX = 200, THREADS_MAX = 200, BYTES_MAX = 64 << 20 };

struct attack {
  const char *name;
  const char *(*run)(char **args);
};

extern const struct attack process_attacks[], self_attacks[], socket_attacks[], load_attacks[], stream_attacks[];

/* The attack of a system call with arguments that no kernel accepts, or that change nothing; NULL: no such name. */
const char *try_system_call(const char *name);

/* "done", or the name of errno where the result is negative. */
const char *outcome(long result);

#endif
