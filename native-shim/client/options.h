/* The command line. */
#ifndef HOOK_SUPERVISOR_CLIENT_OPTIONS_H
#define HOOK_SUPERVISOR_CLIENT_OPTIONS_H

#include <stdint.h>

#define CLIENT_VERSION "0.1.0"
#define EXIT_USAGE 64 /* EX_USAGE of sysexits.h */

enum on_unavailable { UNAVAILABLE_DEFAULT /* of the level; while parsing only */, UNAVAILABLE_RUN, UNAVAILABLE_BLOCK, UNAVAILABLE_ALLOW };

struct options {
  char **argv; /* the hook's, NULL-terminated */
  const char *socket_path;  /* NULL: look in the usual places */
  const char *explain_path; /* NULL: none */
  uint32_t level;             /* enum call_level */
  uint32_t timeout_ms;        /* 0: none */
  uint32_t accept_timeout_ms; /* 0: wait for STARTED or a refusal for ever */
  enum on_unavailable on_unavailable;
  int is_autostart; /* start a supervisor where there is none */
  int is_shell_text;
  int is_event; /* no command: validators answer the event on stdin */
  char *made_argv[4]; /* what argv points to for `sh` and `event` */
};

enum parse_result { PARSE_OK, PARSE_DONE /* --help and --version: exit 0 */, PARSE_WRONG /* said on stderr: EXIT_USAGE */ };

/* Its name; NULL where a direct run is as good. */
const char *level_above_contained(const struct options *options);

enum parse_result parse_options(int argc, char **argv, struct options *options);

#endif
