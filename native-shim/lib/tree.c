#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Fills process from /proc/PID/stat. 1, or 0 if it is gone or dead: a zombie can neither run nor be signalled. */
static int read_stat(int proc_fd, const char *name, struct tree_process *process)
{
  char file[32], text[512];
  snprintf(file, sizeof file, "%.15s/stat", name);
  int fd = openat(proc_fd, file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = '\0';
  /* The name in parentheses is the process's own choice and may hold parentheses and digits: search from the end. */
  char *after_name = strrchr(text, ')');
  char state;
  int parent, group, session;
  if (after_name == NULL || sscanf(after_name + 1, " %c %d %d %d", &state, &parent, &group, &session) != 4) return 0;
  if (state == 'Z' || state == 'X') return 0;
  *process = (struct tree_process){ .pid = atoi(name), .parent = parent, .session = session };
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
    if (read_stat(dirfd(proc), entry->d_name, &tree->processes[tree->count])) tree->count++;
  }
  closedir(proc);
  return 0;
}

void tree_free(struct tree *tree)
{
  free(tree->processes);
  *tree = (struct tree){ 0 };
}

/* /proc lists processes in rising order. */
static int is_marked(const struct tree *tree, pid_t pid)
{
  size_t low = 0, high = tree->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (tree->processes[middle].pid == pid) return tree->processes[middle].marked;
    if (tree->processes[middle].pid < pid) low = middle + 1;
    else high = middle;
  }
  return 0;
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
  for (size_t i = 0; i < tree->count; i++)
    if (tree->processes[i].pid == pid) tree->processes[i].marked = 1;
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

int tree_kill(struct tree *tree, void (*mark)(struct tree *tree, void *context), void *context)
{
  size_t stopped = 0;
  for (int round = 0; round < 8; round++) {
    int status = tree_read(tree);
    if (status < 0) return status;
    mark(tree, context);
    tree_mark_closure(tree);
    size_t count = tree_signal(tree, SIGSTOP);
    if (count <= stopped) break;
    stopped = count;
  }
  return (int)tree_signal(tree, SIGKILL);
}

ssize_t tree_children(pid_t *pids, size_t max)
{
  FILE *list = fopen("/proc/thread-self/children", "re");
  if (list == NULL) return -errno;
  size_t count = 0;
  int pid;
  while (fscanf(list, "%d", &pid) == 1) {
    if (count < max) pids[count] = pid;
    count++;
  }
  fclose(list);
  return (ssize_t)count;
}
