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

/* The bytes of an open regular file; NULL, perhaps with an exception, if it is another kind, too large, or changes its size
 * meanwhile. */
static object *content_of(int fd)
{
  struct stat file;
  if (fstat(fd, &file) < 0 || !S_ISREG(file.st_mode) || file.st_size > SCRIPT_MAX_BYTES) return NULL;
  object *content = PyBytes_FromStringAndSize(NULL, (ptrdiff_t)file.st_size);
  if (content == NULL) return NULL;
  char *text = PyBytes_AsString(content), beyond;
  for (off_t have = 0; have < file.st_size;) {
    ssize_t count = read(fd, text + have, (size_t)(file.st_size - have));
    if (count <= 0) return Py_DecRef(content), NULL;
    have += count;
  }
  return read(fd, &beyond, 1) == 0 ? content : (Py_DecRef(content), NULL);
}

static object *folder_of(const char *path)
{
  char real[PATH_MAX];
  if (realpath(path, real) == NULL) return NULL;
  char *slash = strrchr(real, '/');
  slash[slash == real] = 0;
  return PyUnicode_DecodeFSDefault(real);
}

int script_read(const char *path, object **content, object **folder)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return -1;
  *content = content_of(fd);
  close(fd);
  if (*content == NULL) return -1;
  *folder = folder_of(path);
  if (*folder == NULL) Py_DecRef(*content);
  return *folder == NULL ? -1 : 0;
}

/* read_script(path as bytes): (its bytes, its folder without symbolic links); None where it is no ordinary file. */
object *read_script(object *self, object *args)
{
  object *path, *content, *folder;
  (void)self;
  if (!PyArg_ParseTuple(args, "O", &path)) return NULL;
  if (script_read(PyBytes_AsString(path), &content, &folder) == 0) return Py_BuildValue("(NN)", content, folder);
  return PyErr_Occurred() != NULL ? NULL : none();
}
