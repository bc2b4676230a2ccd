/* Which pages a hook touches. A forked process gets a page of its own at its first write to it, and finds its own way to
 * every page of a file at the first read: that costs a hook some microseconds each. So a parked process does it beforehand.
 * A scout (scout.py) finds out which pages they are. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "native.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_READ 22 /* since Linux 5.14 */
#define MADV_POPULATE_WRITE 23
#endif
#define AREAS_MAX 512
#define RANGES_MAX 1024
/* Of an entry of /proc/self/pagemap. The kernel hides page numbers from an ordinary user, these bits it does not. */
#define IS_PRESENT (1ull << 63)
#define IS_FILE_OR_SHARED (1ull << 61)
#define IS_OURS_ALONE (1ull << 56)

enum touch { UNTOUCHED, READ, WRITTEN };

struct area {
  uintptr_t first, end;
  unsigned char *before; /* enum touch of each page when we looked first */
};
static struct area areas[AREAS_MAX];
static size_t area_count;
static uintptr_t page_bytes;

/* What touch_pages() takes. */
struct range {
  uint64_t first, end, is_written;
};

static enum touch touch_of(int pagemap, uintptr_t address)
{
  uint64_t entry;
  if (pread(pagemap, &entry, sizeof entry, (off_t)(address / page_bytes * sizeof entry)) != sizeof entry) return UNTOUCHED;
  if (!(entry & IS_PRESENT)) return UNTOUCHED;
  return (entry & IS_OURS_ALONE) && !(entry & IS_FILE_OR_SHARED) ? WRITTEN : READ;
}

/* All private memory that may be read. */
static int read_areas(void)
{
  char line[512], access[8];
  unsigned long first, end;
  FILE *maps = fopen("/proc/self/maps", "re");
  if (maps == NULL) return -errno;
  while (area_count < AREAS_MAX && fgets(line, sizeof line, maps) != NULL) {
    if (sscanf(line, "%lx-%lx %7s", &first, &end, access) != 3 || access[0] != 'r' || access[3] != 'p') continue;
    if (strstr(line, "[v") == NULL) areas[area_count++] = (struct area){first, end, NULL}; /* vdso, vvar, vsyscall */
  }
  fclose(maps);
  return 0;
}

static unsigned char *map_bytes(size_t length)
{
  void *made = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return made == MAP_FAILED ? NULL : made;
}

int note_pages(void)
{
  page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
  int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (pagemap < 0 || read_areas() < 0) return -1;
  for (size_t i = 0; i < area_count; i++) {
    struct area *area = &areas[i];
    area->before = map_bytes((area->end - area->first) / page_bytes);
    if (area->before == NULL) return -1;
    for (uintptr_t at = area->first; at < area->end; at += page_bytes)
      area->before[(at - area->first) / page_bytes] = (unsigned char)touch_of(pagemap, at);
  }
  return close(pagemap);
}

void tell_touched_pages(int fd)
{
  static struct range ranges[RANGES_MAX];
  size_t count = 0;
  int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  for (size_t i = 0; i < area_count && pagemap >= 0; i++) {
    for (uintptr_t at = areas[i].first; at < areas[i].end; at += page_bytes) {
      enum touch now = touch_of(pagemap, at);
      if (now <= areas[i].before[(at - areas[i].first) / page_bytes]) continue;
      struct range *last = count > 0 ? &ranges[count - 1] : NULL;
      if (last != NULL && last->end == at && last->is_written == (now == WRITTEN)) last->end += page_bytes;
      else if (count < RANGES_MAX) ranges[count++] = (struct range){at, at + page_bytes, now == WRITTEN};
    }
  }
  (void)!write(fd, ranges, count * sizeof *ranges);
}

/* touch_pages(ranges): this process has these pages at hand, those that are written to for itself. What is no memory any
 * more is left out. True if the kernel knows how. */
object *touch_pages(object *self, object *args)
{
  object *packed;
  struct range range;
  (void)self;
  if (!PyArg_ParseTuple(args, "O", &packed)) return NULL;
  const char *at = PyBytes_AsString(packed), *end = at + PyBytes_Size(packed);
  for (; at < end; at += sizeof range) {
    memcpy(&range, at, sizeof range);
    int advice = range.is_written ? MADV_POPULATE_WRITE : MADV_POPULATE_READ;
    if (madvise((void *)(uintptr_t)range.first, range.end - range.first, advice) < 0 && errno == EINVAL)
      return PyBool_FromLong(0);
  }
  return PyBool_FromLong(1);
}
