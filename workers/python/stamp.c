#define _GNU_SOURCE
#include "stamp.h"

#include <string.h>
#include <sys/stat.h>

#include "native.h"

static int64_t as_ns(struct timespec time)
{
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int stamp_take(const char *path, struct packed_stamp *stamp)
{
  struct stat now;
  *stamp = (struct packed_stamp){0};
  if (stat(path, &now) < 0) return -1;
  *stamp = (struct packed_stamp){1, now.st_dev, now.st_ino, now.st_size, as_ns(now.st_mtim), as_ns(now.st_ctim)};
  return 0;
}

int stamp_equal(const struct packed_stamp *a, const struct packed_stamp *b)
{
  return memcmp(a, b, sizeof *a) == 0;
}

int stamps_unchanged(const char *packed, ptrdiff_t length)
{
  struct packed_stamp then, now;
  for (const char *at = packed, *end = packed + length; at < end; at += sizeof then + strlen(at + sizeof then) + 1) {
    memcpy(&then, at, sizeof then);
    (void)stamp_take(at + sizeof then, &now);
    if (!stamp_equal(&then, &now)) return 0;
  }
  return 1;
}

/* unchanged(packed stamps). */
object *unchanged(object *self, object *args)
{
  object *packed;
  (void)self;
  if (!PyArg_ParseTuple(args, "O", &packed)) return NULL;
  return PyBool_FromLong(stamps_unchanged(PyBytes_AsString(packed), PyBytes_Size(packed)));
}
