/* supervisor-confine OPTIONS -- PROGRAM ARGS: enters the layers of the sandbox that the options name, exactly these, and
 * becomes the program. Exits 126 where a step fails, 64 on a wrong command line. The keeper starts its parked processes
 * through it; by hand it confines any program.
 *
 *   keeper --fork--> A --(pidNamespace)--> B, process 1 --fork--> C, the program          without one: A is the program
 *
 * A user namespace and all others are A's, everything else is entered by B before C is there, so that both are confined
 * alike. C's status goes to A through B (notes.c); A ends as C did. A's end is B's, by the parent-death signal, and B's end
 * is that of all in the namespace.
 *
 * Without libc like supervisor-parked: its start is paid for each process. */
#include "enter.h"
#include "failure.h"
#include "sys.h"
#include "text.h"

#define EXIT_USAGE 64

_Noreturn static void complain_of(const char *what)
{
  struct line line;
  line_start(&line);
  line_add(&line, "supervisor-confine: bad usage: ");
  line_add(&line, what);
  line_add(&line, "\n");
  write_all(2, line.bytes, line.length);
  sys_exit(EXIT_USAGE);
}

static int fork_here(void)
{
  return (int)SYS6(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
}

_Noreturn static void become(const struct confine_options *options, char **env)
{
  char *file = options->command[0];
  if (options->name != NULL) options->command[0] = (char *)options->name;
  if (options->order_fd >= 0 && options->order_fd != ORDER_FD) {
    must(options, STAGE_SOCKETPAIR, sys_dup3(ORDER_FD, options->order_fd, 0), "");
    sys_close(ORDER_FD);
  }
  if (options->is_program_open) {
    sys_fcntl(PROGRAM_FD, F_SETFD, FD_CLOEXEC);
    must(options, STAGE_EXEC, (int)SYS6(SYS_execveat, PROGRAM_FD, "", options->command, env, AT_EMPTY_PATH, 0), file);
  }
  fail_at(options, STAGE_EXEC, sys_execve(file, options->command, env), file);
}

_Noreturn __attribute__((used)) void client_start(long *stack)
{
  long argc = stack[0];
  char **argv = (char **)(stack + 1), **env = argv + argc + 1;
  struct confine_options options;
  if (argc < 1) sys_exit(EXIT_USAGE);
  const char *complaint = confine_options_parse(&options, argv + 1);
  if (complaint != NULL) complain_of(complaint);

  const struct chain_hands hands = { .fork_here = fork_here };
  sandbox_enter(&options, &hands); /* the program is made dumpable by its execve */
  become(&options, env);
}

SYS_START;
