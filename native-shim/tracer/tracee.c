#include "tracee.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE_BYTES 4096

static ssize_t copy_from(pid_t pid, uint64_t address, void *to, size_t length)
{
  struct iovec local = {.iov_base = to, .iov_len = length};
  struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = length};
  return process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

int tracee_string(pid_t pid, uint64_t address, char *text, size_t capacity)
{
  for (size_t have = 0; have + 1 < capacity;) {
    size_t step = PAGE_BYTES - (size_t)((address + have) % PAGE_BYTES); /* the next page may not be there */
    if (step > capacity - 1 - have) step = capacity - 1 - have;
    ssize_t got = copy_from(pid, address + have, text + have, step);
    if (got <= 0) return got < 0 ? -errno : -EFAULT;
    if (memchr(text + have, '\0', (size_t)got) != NULL) return 0;
    have += (size_t)got;
  }
  return -ENAMETOOLONG;
}

int tracee_word(pid_t pid, uint64_t address, uint64_t *word)
{
  ssize_t got = copy_from(pid, address, word, sizeof *word);
  return got == (ssize_t)sizeof *word ? 0 : -EFAULT;
}

int tracee_link(pid_t pid, const char *name, char path[PATH_MAX])
{
  char link[64];
  snprintf(link, sizeof link, "/proc/%d/%s", pid, name);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return -errno;
  path[length] = '\0';
  return 0;
}

int tracee_absolute(pid_t pid, int folder_fd, const char *path, char absolute[2 * PATH_MAX])
{
  char folder[PATH_MAX], name[32] = "cwd";
  if (path[0] == '/') {
    snprintf(absolute, 2 * PATH_MAX, "%s", path);
    return 0;
  }
  if (folder_fd != AT_FDCWD) snprintf(name, sizeof name, "fd/%d", folder_fd);
  int status = tracee_link(pid, name, folder);
  if (status < 0) return status;
  snprintf(absolute, 2 * PATH_MAX, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, path);
  return 0;
}

char *tracee_file(pid_t pid, const char *name, size_t *length)
{
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  char *content = fd < 0 ? NULL : malloc(TRACEE_FILE_MAX_BYTES + 1);
  ssize_t got = 1;
  for (*length = 0; content != NULL && got > 0 && *length <= TRACEE_FILE_MAX_BYTES; *length += (size_t)got) {
    got = read(fd, content + *length, TRACEE_FILE_MAX_BYTES + 1 - *length);
    if (got < 0) break;
  }
  if (fd >= 0) close(fd);
  if (content != NULL && got == 0 && *length <= TRACEE_FILE_MAX_BYTES) {
    content[*length] = '\0';
    return content;
  }
  free(content);
  return NULL;
}
