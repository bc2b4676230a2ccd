/* Loaded into a daemon (LD_PRELOAD): its disk becomes full, slow or dead, and the clock that people set jumps, as the file named
 * by BAD_HOST says, whenever the test rewrites it. The disk is what lies below the folders in BAD_HOST_DISK. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* As host.ts writes it. */
enum disk { DISK_WELL, DISK_FULL, DISK_SLOW, DISK_DEAD };
struct state {
  int64_t disk;
  int64_t clock_ahead_s;
  int64_t hits; /* calls that met the disk so */
};

#define SLOW_US 2000000
#define LOOK_EVERY_US 10000
#define FOLDERS_MAX 4

static struct state well;
static volatile struct state *state = &well;
static char folders[FOLDERS_MAX][4096];

__attribute__((constructor)) static void begin(void)
{
  const char *file = getenv("BAD_HOST");
  const char *disk = getenv("BAD_HOST_DISK");
  if (file == NULL || disk == NULL) return;
  int fd = open(file, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *page = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  for (int n = 0; n < FOLDERS_MAX && *disk != 0; n++) {
    size_t length = strcspn(disk, ":");
    snprintf(folders[n], sizeof *folders, "%.*s/", (int)length, disk);
    disk += length + (disk[length] == ':');
  }
  if (page != MAP_FAILED) state = page;
}

static int is_on_disk(const char *path)
{
  for (int n = 0; n < FOLDERS_MAX && folders[n][0] != 0; n++)
    if (strncmp(path, folders[n], strlen(folders[n])) == 0) return 1;
  return 0;
}

/* 0 or -1 with errno, after whatever time the disk takes. */
static int meet_disk(void)
{
  __atomic_add_fetch(&state->hits, 1, __ATOMIC_RELAXED);
  if (state->disk == DISK_SLOW) usleep(SLOW_US);
  while (state->disk == DISK_DEAD) usleep(LOOK_EVERY_US);
  if (state->disk != DISK_FULL) return 0;
  errno = ENOSPC;
  return -1;
}

static int meet_path(const char *path)
{
  return state->disk != DISK_WELL && path != NULL && is_on_disk(path) ? meet_disk() : 0;
}

static int meet_fd(int fd)
{
  if (state->disk == DISK_WELL) return 0;
  char name[64], path[4096];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(name, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  return meet_path(path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define THROUGH(name, fd, ...) return meet_fd(fd) < 0 ? -1 : NEXT(name)(fd, ##__VA_ARGS__)

ssize_t write(int fd, const void *bytes, size_t length) { THROUGH(write, fd, bytes, length); }
ssize_t writev(int fd, const struct iovec *parts, int count) { THROUGH(writev, fd, parts, count); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { THROUGH(pwrite, fd, bytes, length, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) { THROUGH(pwrite64, fd, bytes, length, at); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { THROUGH(pwritev, fd, parts, count, at); }
int ftruncate(int fd, off_t length) { THROUGH(ftruncate, fd, length); }
int ftruncate64(int fd, off64_t length) { THROUGH(ftruncate64, fd, length); }
int posix_fallocate(int fd, off_t at, off_t length) { return meet_fd(fd) < 0 ? errno : NEXT(posix_fallocate)(fd, at, length); }
int fsync(int fd) { THROUGH(fsync, fd); }
int fdatasync(int fd) { THROUGH(fdatasync, fd); }

int mkdir(const char *path, mode_t mode) { return meet_path(path) < 0 ? -1 : NEXT(mkdir)(path, mode); }
int rename(const char *from, const char *to) { return meet_path(to) < 0 ? -1 : NEXT(rename)(from, to); }

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
  const struct sockaddr_un *named = (const struct sockaddr_un *)address;
  if (address->sa_family == AF_UNIX && meet_path(named->sun_path) < 0) return -1;
  return NEXT(bind)(fd, address, length);
}

#define OPENING(name)                                             \
  int name(const char *path, int flags, ...)                      \
  {                                                               \
    va_list rest;                                                 \
    va_start(rest, flags);                                        \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;     \
    va_end(rest);                                                 \
    if ((flags & O_CREAT) != 0 && meet_path(path) < 0) return -1; \
    return NEXT(name)(path, flags, mode);                         \
  }
OPENING(open)
OPENING(open64)

int clock_gettime(clockid_t clock, struct timespec *now)
{
  int result = NEXT(clock_gettime)(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += state->clock_ahead_s;
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
  int result = NEXT(gettimeofday)(now, zone);
  if (result == 0) now->tv_sec += state->clock_ahead_s;
  return result;
}

time_t time(time_t *now)
{
  time_t result = NEXT(time)(NULL) + state->clock_ahead_s;
  if (now != NULL) *now = result;
  return result;
}
