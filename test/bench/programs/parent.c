/* An agent without an interpreter of its own: starts hooks by vfork and exec, gives each an event with a nonce, reads the
 * answer to its end and waits. Usage: parent ROUNDS GAP_US AT_ONCE COMMAND... [--next COMMAND...]
 * Prints "VARIANT MICROSECONDS" for each measurement; the variants take turns, so that a slow minute hits all of them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE_MAX 32
#define VARIANTS_MAX 8
#define ANSWER_MAX_BYTES 4096

extern char **environ;

struct running {
  pid_t pid;
  int answer_fd; /* -1: at its end */
  size_t length;
  char answer[ANSWER_MAX_BYTES + 1];
  char nonce[64];
};

static void fail(const char *what)
{
  fprintf(stderr, "parent: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t now_ns(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void nothing(int signal) { (void)signal; }

static void start(struct running *running, char **argv)
{
  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0) fail("pipe");
  pid_t pid = vfork();
  if (pid < 0) fail("vfork");
  if (pid == 0) {
    setsid();
    dup2(in[0], 0);
    dup2(out[1], 1);
    execve(argv[0], argv, environ);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  char event[256];
  int length = snprintf(event, sizeof event,
                        "{\"hook_event_name\":\"PreToolUse\",\"tool_name\":\"Bash\",\"tool_input\":{\"command\":\"npm test\"},"
                        "\"tool_use_id\":\"%s\"}\n", running->nonce);
  if (write(in[1], event, (size_t)length) != length) fail("write the event");
  close(in[1]);
  running->pid = pid;
  running->answer_fd = out[0];
  running->length = 0;
}

static void read_some(struct running *running)
{
  ssize_t got = read(running->answer_fd, running->answer + running->length, ANSWER_MAX_BYTES - running->length);
  if (got < 0) fail("read an answer");
  running->length += (size_t)got;
  if (got > 0) return;
  close(running->answer_fd);
  running->answer_fd = -1;
}

static void read_all(struct running *running, int count)
{
  for (int open = count; open > 0;) {
    struct pollfd polled[AT_ONCE_MAX];
    for (int i = 0; i < count; i++) polled[i] = (struct pollfd){ .fd = running[i].answer_fd, .events = POLLIN };
    if (poll(polled, (nfds_t)count, -1) < 0) fail("poll");
    open = 0;
    for (int i = 0; i < count; i++) {
      if (polled[i].revents != 0) read_some(&running[i]);
      open += running[i].answer_fd >= 0;
    }
  }
}

/* A hook that did not run cannot know the nonce. */
static void prove(struct running *running, int status, const char *command)
{
  running->answer[running->length] = 0;
  if (status == 0 && strstr(running->answer, running->nonce) != NULL) return;
  fprintf(stderr, "parent: %s: wait status %d, answer without its nonce: %s\n", command, status, running->answer);
  exit(1);
}

static int64_t measure_ns(int round, int variant, int at_once, char **argv)
{
  static struct running running[AT_ONCE_MAX];
  int status[AT_ONCE_MAX];
  for (int i = 0; i < at_once; i++)
    snprintf(running[i].nonce, sizeof running[i].nonce, "toolu_%d_%d_%d_%d", getpid(), round, variant, i);
  int64_t started_ns = now_ns();
  for (int i = 0; i < at_once; i++) start(&running[i], argv);
  read_all(running, at_once);
  for (int i = 0; i < at_once; i++)
    if (waitpid(running[i].pid, &status[i], 0) < 0) fail("waitpid");
  int64_t took_ns = now_ns() - started_ns;
  for (int i = 0; i < at_once; i++) prove(&running[i], status[i], argv[0]);
  return took_ns;
}

int main(int argc, char **argv)
{
  char **variants[VARIANTS_MAX];
  int count = 0;
  if (argc < 5) return fprintf(stderr, "usage: parent ROUNDS GAP_US AT_ONCE COMMAND... [--next COMMAND...]\n"), 64;
  int rounds = atoi(argv[1]), gap_us = atoi(argv[2]), at_once = atoi(argv[3]);
  if (at_once < 1 || at_once > AT_ONCE_MAX) return fprintf(stderr, "parent: 1 to %d at once\n", AT_ONCE_MAX), 64;
  variants[count++] = argv + 4;
  for (int i = 4; i < argc && count < VARIANTS_MAX; i++) {
    if (strcmp(argv[i], "--next") != 0) continue;
    argv[i] = NULL;
    variants[count++] = argv + i + 1;
  }
  signal(SIGPIPE, nothing); /* ignored, it would be so in the hooks, too */
  for (int round = 0; round < rounds; round++) {
    for (int turn = 0; turn < count; turn++) {
      int variant = (round + turn) % count;
      if (gap_us > 0) usleep((useconds_t)gap_us);
      printf("%d %.1f\n", variant, (double)measure_ns(round, variant, at_once, variants[variant]) / 1000);
    }
  }
  return 0;
}
