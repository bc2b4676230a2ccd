/* Much of everything, within the bounds of hostile.h, and things left for the next hook. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include "hostile.h"

enum { PIPES_MAX = 1000, PIPE_BYTES = 65536, PIECE_BYTES = 1 << 20 };

static char piece[PIECE_BYTES];

/* Children that outlive us. */
static const char *forks(char **args)
{
  (void)args;
  for (int i = 0; i < CHILDREN_MAX; i++) {
    pid_t child = fork();
    if (child < 0) return outcome(-1);
    if (child > 0) continue;
    alarm(ATTACK_MAX_S);
    pause();
    _exit(0);
  }
  return "done";
}

static void *rest(void *unused)
{
  pause();
  return unused;
}

static const char *threads(char **args)
{
  (void)args;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  for (int i = 0; i < THREADS_MAX; i++) {
    pthread_t thread;
    errno = pthread_create(&thread, &small, rest, NULL);
    if (errno) return outcome(-1);
  }
  return "done";
}

static const char *memory(char **args)
{
  (void)args;
  char *at = mmap(NULL, BYTES_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return outcome(-1);
  memset(at, 1, BYTES_MAX);
  return "done";
}

static const char *fill(int fd)
{
  for (int written = 0; fd >= 0 && written < BYTES_MAX; written += PIECE_BYTES)
    if (write(fd, piece, sizeof piece) < 0) return outcome(-1);
  return outcome(fd);
}

static const char *fill_memory_file(char **args)
{
  (void)args;
  return fill(memfd_create("hostile", MFD_CLOEXEC));
}

static const char *fill_file(char **args)
{
  return fill(open(args[0], O_WRONLY | O_CREAT | O_TRUNC, 0600));
}

static const char *fill_pipes(char **args)
{
  (void)args;
  for (int i = 0; i < PIPES_MAX; i++) {
    int ends[2];
    if (pipe2(ends, O_NONBLOCK) < 0 || write(ends[1], piece, PIPE_BYTES) < 0) return outcome(-1);
  }
  return "done";
}

/* Memory, semaphores and a queue by number, for whoever knows it. */
static const char *leave_by_number(char **args)
{
  key_t key = atoi(args[0]);
  if (shmget(key, 4096, IPC_CREAT | 0600) < 0 || semget(key, 1, IPC_CREAT | 0600) < 0) return outcome(-1);
  return outcome(msgget(key, IPC_CREAT | 0600));
}

static const char *find_by_number(char **args) { return outcome(shmget(atoi(args[0]), 0, 0)); }

static const char *remove_by_number(char **args)
{
  key_t key = atoi(args[0]);
  shmctl(shmget(key, 0, 0), IPC_RMID, NULL);
  semctl(semget(key, 0, 0), 0, IPC_RMID);
  msgctl(msgget(key, 0), IPC_RMID, NULL);
  return "done";
}

static const char *queue(char **args)
{
  mqd_t made = mq_open(args[0], O_CREAT | O_RDWR, 0600, NULL);
  const char *got = outcome(made);
  if (made >= 0) mq_unlink(args[0]);
  return got;
}

/* Away from session and parent, with our stdout. */
static const char *daemonise(char **args)
{
  (void)args;
  pid_t child = fork();
  if (child != 0) return outcome(child);
  setsid();
  if (fork() != 0) _exit(0);
  signal(SIGTERM, SIG_IGN);
  alarm(ATTACK_MAX_S);
  for (;;) pause();
}

const struct attack load_attacks[] = {
  { "forks", forks },
  { "threads", threads },
  { "memory", memory },
  { "fill-memory-file", fill_memory_file },
  { "fill-file", fill_file },
  { "fill-pipes", fill_pipes },
  { "leave-by-number", leave_by_number },
  { "find-by-number", find_by_number },
  { "remove-by-number", remove_by_number },
  { "queue", queue },
  { "daemonise", daemonise },
  { NULL, NULL },
};
