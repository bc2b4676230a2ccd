/* The first process of a container: starts one program, passes on the signals that are meant for it, reaps what nobody else
 * waits for, and ends as the program does. Node cannot be that: it waits only for the children it knows, so orphans would
 * stay as zombies until the container has no process numbers left. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_USAGE 64
#define EXIT_CANNOT_EXECUTE 126
#define EXIT_NOT_FOUND 127
#define EXIT_SIGNAL_BASE 128

/* Who waits for us learns a signal by the number that a shell would show. */
static int exit_code_of(int status)
{
  return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNAL_BASE + WTERMSIG(status);
}

/* Reaps all that has ended, so that one SIGCHLD may stand for many. True: the program has, too, with *exit_code. */
static bool reap_all(pid_t program, int *exit_code)
{
  int status;
  bool has_ended = false;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid != program) continue;
    *exit_code = exit_code_of(status);
    has_ended = true;
  }
  return has_ended;
}

static pid_t start(char *const argv[], const sigset_t *mask)
{
  pid_t pid = fork();
  if (pid != 0) return pid;
  sigprocmask(SIG_SETMASK, mask, NULL);
  execvp(argv[0], argv);
  int errnum = errno;
  fprintf(stderr, "supervisor-init: %s: %s\n", argv[0], strerror(errnum));
  _exit(errnum == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE);
}

int main(int argc, char *argv[])
{
  if (argc < 2) {
    fprintf(stderr, "usage: supervisor-init PROGRAM [ARGUMENT...]\n");
    return EXIT_USAGE;
  }
  /* Blocked, they are taken one by one. Even SIGTERM would be dropped otherwise: the kernel keeps from process 1 what it has no
   * handler for. */
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  signal(SIGCHLD, SIG_DFL); /* ignored, there would be nothing to wait for */
  pid_t program = start(&argv[1], &before);
  if (program < 0) {
    fprintf(stderr, "supervisor-init: fork: %s\n", strerror(errno));
    return EXIT_CANNOT_EXECUTE;
  }
  int exit_code = 0;
  while (!reap_all(program, &exit_code)) {
    int number = sigwaitinfo(&all, NULL);
    if (number > 0 && number != SIGCHLD) kill(program, number);
  }
  return exit_code;
}
