/* Misuse of the streams and descriptors, and refusals to end. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "hostile.h"

enum { DESCRIPTORS_MAX = 65536 };

static const char *inherited(char **args)
{
  (void)args;
  for (int fd = 3; fd < DESCRIPTORS_MAX; fd++)
    if (fcntl(fd, F_GETFD) >= 0) return "some";
  return "none";
}

static const char *close_all(char **args)
{
  (void)args;
  for (int fd = 0; fd < DESCRIPTORS_MAX; fd++) close(fd);
  _exit(0);
}

static const char *flood(char **args)
{
  static char text[65536];
  memset(text, 'x', sizeof text);
  int fd = args[0] ? STDERR_FILENO : STDOUT_FILENO;
  for (int written = 0; written < BYTES_MAX; written += (int)sizeof text)
    if (write(fd, text, sizeof text) < 0) return outcome(-1);
  _exit(0);
}

static const char *write_stdin(char **args)
{
  (void)args;
  return outcome(write(STDIN_FILENO, "x", 1));
}

static const char *sleep_on(char **args)
{
  (void)args;
  pause();
  return "woken";
}

static const char *spin(char **args)
{
  while (args) getppid();
  return "ended";
}

static const char *be_deaf(char **args)
{
  sigset_t all;
  sigfillset(&all);
  sigdelset(&all, SIGALRM); /* our own bound */
  sigprocmask(SIG_BLOCK, &all, NULL);
  return sleep_on(args);
}

static const char *stop_itself(char **args)
{
  (void)args;
  return outcome(raise(SIGSTOP));
}

static const char *stop_child(char **args)
{
  pid_t child = fork();
  if (child == 0) return sleep_on(args);
  kill(child, SIGSTOP);
  return sleep_on(args);
}

const struct attack stream_attacks[] = {
  { "inherited", inherited },
  { "close-all", close_all },
  { "flood", flood },
  { "write-stdin", write_stdin },
  { "sleep", sleep_on },
  { "spin", spin },
  { "be-deaf", be_deaf },
  { "stop-itself", stop_itself },
  { "stop-child", stop_child },
  { NULL, NULL },
};
