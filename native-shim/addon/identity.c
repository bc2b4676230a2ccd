#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fnv.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5; younger than the oldest libc headers we build with */
#endif
#define FILE_MAX_BYTES (32 * 1024)

struct namespace {
  unsigned long request; /* PIDFD_GET_*_NAMESPACE */
  const char *path;
};
static const struct namespace mount_namespace = { _IO(0xff, 3), "ns/mnt" };
static const struct namespace pid_namespace = { _IO(0xff, 5), "ns/pid" };
static const struct namespace user_namespace = { _IO(0xff, 9), "ns/user" };

static void note(struct identity *identity, int errnum)
{
  if (identity->errnum == 0) identity->errnum = errnum;
}

/* Reads a /proc file whole. A longer one is refused: a cut one could hide the line that confines. 0 or -errno. */
static int read_file(int folder, const char *name, char buf[FILE_MAX_BYTES])
{
  int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  size_t length = 0;
  int status = 0;
  for (;;) {
    ssize_t got = read(fd, buf + length, FILE_MAX_BYTES - 1 - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) status = -errno;
    if (got <= 0) break;
    length += (size_t)got;
    if (length == FILE_MAX_BYTES - 1) {
      status = -EFBIG;
      break;
    }
  }
  close(fd);
  buf[length] = '\0';
  return status;
}

/* The text behind "\nNAME:" and blanks, or NULL. */
static const char *find_field(const char *text, const char *name)
{
  const char *found = strstr(text, name);
  if (found == NULL) return NULL;
  found += strlen(name);
  return found + strspn(found, " \t");
}

/* Two processes of other groups must not look alike by chance. */
static uint64_t hash_line(uint64_t hash, const char *line)
{
  return line == NULL ? hash : fnv_add(hash, line, strcspn(line, "\n"));
}

static void read_label(struct identity *identity, int folder)
{
  char buf[FILE_MAX_BYTES];
  if (read_file(folder, "attr/current", buf) < 0) return; /* EINVAL: no module that labels */
  size_t length = strcspn(buf, "\n");
  if (length >= sizeof identity->security_label) return note(identity, ENAMETOOLONG);
  memcpy(identity->security_label, buf, length);
}

static void read_root(struct identity *identity, int folder)
{
  struct stat status;
  if (fstatat(folder, "root", &status, 0) < 0) return note(identity, errno);
  identity->root_device = status.st_dev;
  identity->root_inode = status.st_ino;
}

static void read_status(struct identity *identity, int folder)
{
  char buf[FILE_MAX_BYTES];
  int status = read_file(folder, "status", buf);
  const char *cap_eff = status == 0 ? find_field(buf, "\nCapEff:") : NULL;
  if (cap_eff == NULL || strspn(cap_eff, "0123456789abcdef") != 16) {
    note(identity, status < 0 ? -status : ENODATA);
    return;
  }
  memcpy(identity->cap_eff, cap_eff, 16);
  uint64_t hash = FNV_START;
  hash = hash_line(hash, find_field(buf, "\nUid:"));
  hash = hash_line(hash, find_field(buf, "\nGid:"));
  hash = hash_line(hash, find_field(buf, "\nGroups:"));
  snprintf(identity->credentials, sizeof identity->credentials, "%016llx", (unsigned long long)hash);
  /* Absent only where the kernel was built without: then nobody is confined by it. */
  const char *no_new_privs = find_field(buf, "\nNoNewPrivs:");
  const char *seccomp = find_field(buf, "\nSeccomp:");
  if (no_new_privs != NULL) identity->no_new_privs = atoi(no_new_privs);
  if (seccomp != NULL) identity->seccomp = atoi(seccomp);
}

static void read_cgroup(struct identity *identity, int folder)
{
  char buf[FILE_MAX_BYTES];
  int status = read_file(folder, "cgroup", buf);
  if (status < 0) {
    if (status != -ENOENT) note(identity, -status); /* ENOENT: a kernel without cgroups, or the peer is gone */
    return;
  }
  const char *line = strncmp(buf, "0::", 3) == 0 ? buf : strstr(buf, "\n0::");
  if (line == NULL) return;
  line += *line == '\n' ? 4 : 3;
  size_t length = strcspn(line, "\n");
  if (length >= sizeof identity->cgroup_path) {
    note(identity, ENAMETOOLONG);
    return;
  }
  memcpy(identity->cgroup_path, line, length);
}

/* Since Linux 6.11 the pidfd tells, at a third of the cost of a path in /proc. */
static uint64_t read_namespace(struct identity *identity, int folder, int pidfd, const struct namespace *namespace)
{
  struct stat status;
  int fd = pidfd < 0 ? -1 : ioctl(pidfd, namespace->request, 0);
  int result = fd < 0 ? fstatat(folder, namespace->path, &status, 0) : fstat(fd, &status);
  if (result < 0) note(identity, errno);
  if (fd >= 0) close(fd);
  return result < 0 ? 0 : status.st_ino;
}

static void read_process(struct identity *identity, const char *path, int pidfd, struct identity_skips skips)
{
  int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) {
    note(identity, errno == ENOENT ? ESRCH : errno);
    return;
  }
  read_status(identity, folder);
  identity->mount_ns = read_namespace(identity, folder, pidfd, &mount_namespace);
  identity->pid_ns = read_namespace(identity, folder, pidfd, &pid_namespace);
  identity->user_ns = read_namespace(identity, folder, pidfd, &user_namespace);
  read_root(identity, folder);
  if (!skips.label) read_label(identity, folder);
  if (!skips.cgroup) read_cgroup(identity, folder);
  close(folder);
}

/* SO_PEERPIDFD names the very process that connected, so that a later owner of its number cannot stand in for it:
 * alive after the last read means that all of it was about the peer. Before Linux 6.5 there is only the number. What is
 * read is then still of one process (the folder in /proc belongs to a process, not to a number), but a peer that hands
 * its socket to a child, dies, and has its number taken by another process of the user before we accept would be taken
 * for that one: the window is the accept delay, the number space at least 32768. */
static int open_peer_pidfd(int socket_fd, int *pidfd)
{
  socklen_t size = sizeof *pidfd;
  *pidfd = -1;
  if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERPIDFD, pidfd, &size) == 0) return 0;
  *pidfd = -1;
  return errno == ENOPROTOOPT ? 0 : -errno;
}

void identity_of_peer(int socket_fd, struct identity_skips skips, struct identity *identity)
{
  memset(identity, 0, sizeof *identity);
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
    identity->uid = (uid_t)-1; /* never equal to ours */
    identity->errnum = errno;
    return;
  }
  identity->pid = peer.pid;
  identity->uid = peer.uid;
  identity->gid = peer.gid;
  if (peer.uid != geteuid()) return;
  if (peer.pid <= 0) { /* in a pid namespace that is not below ours */
    identity->errnum = ESRCH;
    return;
  }

  int pidfd;
  int status = open_peer_pidfd(socket_fd, &pidfd);
  if (status < 0) {
    identity->errnum = status == -EINVAL ? ESRCH : -status;
    return;
  }
  char path[32];
  snprintf(path, sizeof path, "/proc/%d", peer.pid);
  read_process(identity, path, pidfd, skips);
  if (pidfd < 0) return;
  struct pollfd exited = { .fd = pidfd, .events = POLLIN };
  if (poll(&exited, 1, 0) != 0) identity->errnum = ESRCH;
  close(pidfd);
}

void identity_of_self(struct identity *identity)
{
  memset(identity, 0, sizeof *identity);
  identity->pid = getpid();
  identity->uid = geteuid();
  identity->gid = getegid();
  read_process(identity, "/proc/self", -1, (struct identity_skips){ 0 });
}
