#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 8 /* of a kill; who asks for it looks again anyway */
#define STOP_TRIES_MAX 40
#define STOP_TRY_NS 50000

/* Fills both from /proc/PID/stat. 1, or 0 if it is gone or dead: a zombie can neither run nor be signalled. */
static int read_stat(const char *name, struct tree_process *process, char *state_letter)
{
  char file[32], text[512];
  snprintf(file, sizeof file, "/proc/%.15s/stat", name);
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = '\0';
  /* The name in parentheses is the process's own choice and may hold parentheses and digits: search from the end. */
  char *after_name = strrchr(text, ')');
  char state;
  int parent, group, session;
  unsigned long user, system, children_user, children_system, rss_pages;
  if (after_name == NULL ||
      sscanf(after_name + 1, " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu %*d %*d %*d %*d %*u %*u %lu", &state, &parent, &group,
             &session, &user, &system, &children_user, &children_system, &rss_pages) != 9)
    return 0;
  if (state == 'Z' || state == 'X') return 0;
  *state_letter = state;
  *process = (struct tree_process){ .pid = atoi(name), .parent = parent, .session = session,
                                    .cpu_ticks = (uint64_t)user + system + children_user + children_system,
                                    .rss_bytes = (uint64_t)rss_pages * (uint64_t)sysconf(_SC_PAGESIZE) };
  return 1;
}

int tree_read(struct tree *tree)
{
  if (tree->processes == NULL) {
    tree->processes = malloc(TREE_PROCESSES_MAX * sizeof *tree->processes);
    if (tree->processes == NULL) return -ENOMEM;
  }
  tree->count = 0;
  DIR *proc = opendir("/proc");
  if (proc == NULL) return -errno;
  struct dirent *entry;
  while (tree->count < TREE_PROCESSES_MAX && (entry = readdir(proc)) != NULL) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    char state;
    if (read_stat(entry->d_name, &tree->processes[tree->count], &state)) tree->count++;
  }
  closedir(proc);
  return 0;
}

int tree_pss_bytes(pid_t pid, uint64_t *bytes)
{
  char name[40], line[128];
  unsigned long pss_kib;
  snprintf(name, sizeof name, "/proc/%d/smaps_rollup", (int)pid);
  FILE *file = fopen(name, "re");
  if (file == NULL) return -errno;
  int status = -ENODATA;
  while (status < 0 && fgets(line, sizeof line, file) != NULL)
    if (sscanf(line, "Pss: %lu kB", &pss_kib) == 1) status = 0;
  fclose(file);
  if (status == 0) *bytes = (uint64_t)pss_kib * 1024;
  return status;
}

void tree_free(struct tree *tree)
{
  free(tree->processes);
  *tree = (struct tree){ 0 };
}

/* Among the first `listed`, which /proc gave in rising order. NULL if it is not there. */
static struct tree_process *find(const struct tree *tree, size_t listed, pid_t pid)
{
  size_t low = 0, high = listed;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (tree->processes[middle].pid == pid) return &tree->processes[middle];
    if (tree->processes[middle].pid < pid) low = middle + 1;
    else high = middle;
  }
  return NULL;
}

static int is_marked(const struct tree *tree, pid_t pid)
{
  const struct tree_process *process = find(tree, tree->count, pid);
  return process != NULL && process->marked;
}

void tree_mark_closure(struct tree *tree)
{
  int changed;
  do {
    changed = 0;
    for (size_t i = 0; i < tree->count; i++) {
      struct tree_process *process = &tree->processes[i];
      if (process->marked) continue;
      if (!is_marked(tree, process->parent)) continue;
      process->marked = changed = 1;
    }
  } while (changed);
}

void tree_mark(struct tree *tree, pid_t pid)
{
  struct tree_process *process = find(tree, tree->count, pid);
  if (process != NULL) process->marked = 1;
}

size_t tree_signal(const struct tree *tree, int signal)
{
  size_t count = 0;
  pid_t self = getpid();
  for (size_t i = 0; i < tree->count; i++) {
    if (!tree->processes[i].marked || tree->processes[i].pid == self) continue;
    (void)kill(tree->processes[i].pid, signal);
    count++;
  }
  return count;
}

/* Stops and marks the children of a stopped process that are not marked yet; newcomers are put behind the listed. */
static void stop_children(struct tree *tree, size_t listed, pid_t parent, const char *list_name)
{
  FILE *list = fopen(list_name, "re");
  if (list == NULL) return;
  int pid;
  while (fscanf(list, "%d", &pid) == 1) {
    struct tree_process *known = find(tree, listed, pid);
    if (known != NULL && known->marked) continue;
    (void)kill(pid, SIGSTOP);
    if (known != NULL) known->marked = 1;
    else if (tree->count < TREE_PROCESSES_MAX)
      tree->processes[tree->count++] = (struct tree_process){ .pid = pid, .parent = parent, .marked = 1 };
  }
  fclose(list);
}

/* A fork that is under way when SIGSTOP arrives is still completed: only a process that has come to rest has all the
 * children it will have. Waits for that, but not long: one blocked in vfork cannot stop. */
static void wait_until_stopped(pid_t pid)
{
  char name[16], state;
  struct tree_process process;
  snprintf(name, sizeof name, "%d", (int)pid);
  for (int tries = 0; tries < STOP_TRIES_MAX; tries++) {
    if (!read_stat(name, &process, &state) || state == 'T' || state == 't') return;
    nanosleep(&(struct timespec){ .tv_nsec = STOP_TRY_NS }, NULL);
  }
}

/* From each stopped process on to the children it had by then. A chain in which each member forks the next outruns any
 * reading of the whole table; followed member by member it has nowhere to go. */
static void chase(struct tree *tree)
{
  size_t listed = tree->count;
  for (size_t i = 0; i < tree->count; i++) {
    if (!tree->processes[i].marked) continue;
    pid_t pid = tree->processes[i].pid;
    wait_until_stopped(pid);
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(name);
    if (tasks == NULL) continue;
    struct dirent *entry;
    while ((entry = readdir(tasks)) != NULL) { /* each thread has a list of its own */
      if (entry->d_name[0] == '.') continue;
      snprintf(name, sizeof name, "/proc/%d/task/%.15s/children", (int)pid, entry->d_name);
      stop_children(tree, listed, pid, name);
    }
    closedir(tasks);
  }
}

int tree_kill(struct tree *tree, void (*mark)(struct tree *tree, void *context), void *context)
{
  size_t stopped = 0;
  for (int round = 0; round < ROUNDS_MAX; round++) {
    int status = tree_read(tree);
    if (status < 0) return status;
    mark(tree, context);
    tree_mark_closure(tree);
    (void)tree_signal(tree, SIGSTOP);
    chase(tree);
    size_t count = 0;
    for (size_t i = 0; i < tree->count; i++) count += (size_t)tree->processes[i].marked;
    if (count <= stopped) break;
    stopped = count;
  }
  return (int)tree_signal(tree, SIGKILL);
}

int tree_open_children(void)
{
  int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

ssize_t tree_children(int list_fd, pid_t *pids, size_t max)
{
  char text[4096];
  size_t count = 0;
  pid_t pid = 0;
  for (off_t at = 0;;) {
    ssize_t length = pread(list_fd, text, sizeof text, at);
    if (length < 0) return -errno;
    if (length == 0) return (ssize_t)count;
    at += length;
    for (ssize_t i = 0; i < length; i++) { /* a blank after each number, which may begin in the read before */
      if (text[i] != ' ') {
        pid = pid * 10 + (text[i] - '0');
        continue;
      }
      if (count < max) pids[count] = pid;
      count++;
      pid = 0;
    }
  }
}
