/* Reading a hook's script, as far as it is an ordinary file. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "native.h"

#define SCRIPT_MAX_BYTES (16 << 20)

/* The bytes of an open regular file; None if it is another kind, too large, or changes its size meanwhile. */
static object *content_of(int fd)
{
  struct stat file;
  if (fstat(fd, &file) < 0 || !S_ISREG(file.st_mode) || file.st_size > SCRIPT_MAX_BYTES) return none();
  object *content = PyBytes_FromStringAndSize(NULL, (ptrdiff_t)file.st_size);
  if (content == NULL) return NULL;
  char *text = PyBytes_AsString(content), beyond;
  for (off_t have = 0; have < file.st_size;) {
    ssize_t count = read(fd, text + have, (size_t)(file.st_size - have));
    if (count <= 0) {
      Py_DecRef(content);
      return none();
    }
    have += count;
  }
  if (read(fd, &beyond, 1) == 0) return content;
  Py_DecRef(content);
  return none();
}

/* read_script(path as bytes): (its bytes, its folder without symbolic links); None where it is no ordinary file. */
object *read_script(object *self, object *args)
{
  object *path;
  char real[PATH_MAX];
  (void)self;
  if (!PyArg_ParseTuple(args, "O", &path)) return NULL;
  int fd = open(PyBytes_AsString(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return none();
  object *content = content_of(fd);
  close(fd);
  if (content == NULL || content == &_Py_NoneStruct) return content;
  if (realpath(PyBytes_AsString(path), real) == NULL) {
    Py_DecRef(content);
    return none();
  }
  char *slash = strrchr(real, '/');
  slash[slash == real] = 0;
  return Py_BuildValue("(NN)", content, PyUnicode_DecodeFSDefault(real));
}
