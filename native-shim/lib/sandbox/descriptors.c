#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "kernel_numbers.h"
#include "sandbox.h"
#include "sys_call.h"

#define LISTING_BYTES 2048

/* Of "0", "17", "." and "..": -1 for the last two. */
static int number_of(const char *name)
{
  int number = 0;
  if (*name < '0' || *name > '9') return -1;
  for (; *name >= '0' && *name <= '9'; name++) number = number * 10 + (*name - '0');
  return number;
}

/* One descriptor from first up that is open apart from the listing's own, 0 if there is none, or -errno. */
static int find_open(int first, int listing)
{
  union {
    char bytes[LISTING_BYTES];
    struct dirent64 aligned;
  } names;
  for (;;) {
    long length = SYS6(SYS_getdents64, listing, names.bytes, sizeof names.bytes, 0, 0, 0);
    if (length <= 0) return (int)length;
    for (long at = 0; at < length;) {
      const struct dirent64 *entry = (const struct dirent64 *)(names.bytes + at);
      int fd = number_of(entry->d_name);
      if (fd >= first && fd != listing) return fd;
      at += entry->d_reclen;
    }
  }
}

/* Before Linux 5.9, or where a filter of others refuses close_range. From the start again after each: a listing from which
 * entries vanish may skip some. */
static int close_one_by_one(int first, int listing)
{
  for (;;) {
    long status = SYS6(SYS_lseek, listing, 0, 0, 0, 0, 0);
    if (status < 0) return (int)status;
    int fd = find_open(first, listing);
    if (fd <= 0) return fd;
    SYS6(SYS_close, fd, 0, 0, 0, 0, 0);
  }
}

int sandbox_close_from(int first)
{
  long closed = SYS6(NR_close_range, first, ~0u, 0, 0, 0, 0);
  long listing = SYS6(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0, 0);
  if (listing < 0) return (int)listing;
  int left = closed < 0 ? close_one_by_one(first, (int)listing) : find_open(first, (int)listing);
  SYS6(SYS_close, listing, 0, 0, 0, 0, 0);
  return left > 0 ? -EBADFD : left;
}
