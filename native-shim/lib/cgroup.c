#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int cgroup_make(int parent_fd, const char *name)
{
  if (mkdirat(parent_fd, name, 0755) < 0 && errno != EEXIST) return -errno;
  int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int cgroup_write(int group_fd, const char *file, const char *text)
{
  int fd = openat(group_fd, file, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  ssize_t written;
  do written = write(fd, text, strlen(text));
  while (written < 0 && errno == EINTR);
  int status = written < 0 ? -errno : 0;
  close(fd);
  return status;
}

static ssize_t read_file(int folder_fd, const char *file, char *text, size_t capacity)
{
  int fd = openat(folder_fd, file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  size_t length = 0;
  ssize_t got;
  while ((got = read(fd, text + length, capacity - 1 - length)) > 0) length += (size_t)got;
  int error = got < 0 ? -errno : length == capacity - 1 ? -ENAMETOOLONG : 0;
  close(fd);
  text[length] = '\0';
  return error < 0 ? error : (ssize_t)length;
}

/* The text after "key " at the start of a line; NULL if there is no such line. */
static const char *find_key(const char *text, const char *key)
{
  size_t length = strlen(key);
  for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (strncmp(line, key, length) == 0 && line[length] == ' ') return line + length + 1;
  }
  return NULL;
}

int cgroup_read(int group_fd, const char *file, const char *key, uint64_t *number)
{
  char text[8192]; /* memory.stat */
  ssize_t length = read_file(group_fd, file, text, sizeof text);
  if (length < 0) return (int)length;
  const char *value = key == NULL ? text : find_key(text, key);
  if (value == NULL || *value < '0' || *value > '9') return -ENOENT;
  *number = strtoull(value, NULL, 10);
  return 0;
}

int cgroup_populated(int group_fd)
{
  uint64_t populated;
  int status = cgroup_read(group_fd, "cgroup.events", "populated", &populated);
  return status < 0 ? status : populated != 0;
}

int cgroup_signal(int group_fd, int signal)
{
  int fd = openat(group_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  FILE *list = fdopen(fd, "r");
  if (list == NULL) {
    int error = -errno;
    close(fd);
    return error;
  }
  long pid;
  while (fscanf(list, "%ld", &pid) == 1)
    if (pid > 0) (void)kill((pid_t)pid, signal); /* 0: of another pid namespace; kill(0) would hit ourselves */
  fclose(list);
  return 0;
}

int cgroup_kill(int group_fd)
{
  int status = cgroup_write(group_fd, "cgroup.kill", "1");
  if (status != -ENOENT) return status;
  (void)cgroup_write(group_fd, "cgroup.freeze", "1"); /* absent before 5.2: then only the loop of the caller helps */
  (void)cgroup_signal(group_fd, SIGSTOP); /* else one that is killed later could answer to the end of one killed before */
  status = cgroup_signal(group_fd, SIGKILL);
  (void)cgroup_write(group_fd, "cgroup.freeze", "0");
  return status;
}

int cgroup_remove(int parent_fd, const char *name, unsigned timeout_ms)
{
  for (unsigned waited_ms = 0;; waited_ms++) {
    if (unlinkat(parent_fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return 0;
    if ((errno != EBUSY && errno != EINTR) || waited_ms >= timeout_ms) return -errno;
    nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
  }
}

/* A line is ID:CONTROLLER,CONTROLLER:PATH; the v2 tree's is 0::PATH. The path of the line, NULL if it is another's. */
static const char *path_in(const char *line, const char *controller)
{
  const char *list = strchr(line, ':');
  if (list == NULL) return NULL;
  const char *end = strchr(++list, ':');
  if (end == NULL) return NULL;
  if (controller == NULL) return strncmp(line, "0::", 3) == 0 ? end + 1 : NULL;
  for (size_t length = strlen(controller); list < end; list += strcspn(list, ",:") + 1)
    if (strncmp(list, controller, length) == 0 && (list[length] == ',' || list[length] == ':')) return end + 1;
  return NULL;
}

ssize_t cgroup_path_of(pid_t pid, const char *controller, char *path, size_t capacity)
{
  char file[32], text[8192];
  if (pid == 0) snprintf(file, sizeof file, "/proc/self/cgroup");
  else snprintf(file, sizeof file, "/proc/%d/cgroup", (int)pid);
  ssize_t length = read_file(AT_FDCWD, file, text, sizeof text);
  if (length < 0) return length;
  for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    const char *found = path_in(line, controller);
    if (found == NULL) continue;
    size_t bytes = strcspn(found, "\n");
    if (bytes + 1 > capacity) return -ENAMETOOLONG;
    memcpy(path, found, bytes);
    path[bytes] = '\0';
    return (ssize_t)bytes;
  }
  return -ENOENT;
}
