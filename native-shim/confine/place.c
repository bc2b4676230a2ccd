#include "place.h"

#include "memory.h"
#include "sandbox.h"
#include "sys.h"
#include "text.h"

#define LINKS_MAX 40 /* as the kernel's */
#define FOLDER_MODE 0755
#define FILE_MODE 0444

/* A path on its way: what has been walked, without links, and what is left. */
struct way {
  struct line real, rest;
  unsigned links;
};

static int unless_there(long status)
{
  return status == -EEXIST ? 0 : (int)status;
}

int place_make(int root, const char *path, int is_folder)
{
  if (is_folder) return unless_there(SYS6(SYS_mkdirat, root, path, FOLDER_MODE, 0, 0, 0));
  return unless_there(SYS6(SYS_mknodat, root, path, S_IFREG | FILE_MODE, 0, 0, 0));
}

/* Where it is from the scaffold's root; NULL: it is not below it. */
static const char *inside(const struct scaffold *scaffold, const struct line *real)
{
  const char *rest = text_after(real->bytes, scaffold->below);
  return rest != NULL && rest[0] == '/' ? rest + 1 : NULL;
}

static void cut_last(struct line *real)
{
  while (real->length > 0 && real->bytes[--real->length] != '/') {}
  real->bytes[real->length] = '\0';
}

/* Moves the next name over. 0: there was none. */
static int take_name(struct way *way)
{
  const char *at = way->rest.bytes;
  while (*at == '/') at++;
  const char *name = at;
  while (*at != '\0' && *at != '/') at++;
  size_t length = (size_t)(at - name);
  if (length == 0) return 0;
  if (length == 2 && name[0] == '.' && name[1] == '.') {
    cut_last(&way->real);
  } else if (length != 1 || name[0] != '.') {
    line_add(&way->real, "/");
    line_add_bytes(&way->real, name, length);
  }
  way->rest.length -= (size_t)(at - way->rest.bytes);
  memmove(way->rest.bytes, at, way->rest.length + 1);
  return 1;
}

/* Goes on where the link leads: text is what it holds. */
static int follow(const struct scaffold *scaffold, struct way *way, const char *text)
{
  const char *place = inside(scaffold, &way->real);
  int status = place == NULL ? 0 : unless_there(SYS6(SYS_symlinkat, text, scaffold->root, place, 0, 0, 0));
  struct line rest;
  line_start(&rest);
  line_add(&rest, text);
  line_add(&rest, "/");
  line_add(&rest, way->rest.bytes);
  way->rest = rest;
  if (text[0] == '/') line_start(&way->real);
  else cut_last(&way->real);
  return status < 0 || way->links++ < LINKS_MAX ? status : -ELOOP;
}

static int step(const struct scaffold *scaffold, struct way *way)
{
  char text[LINE_MAX_BYTES / 2];
  long length = SYS6(SYS_readlinkat, AT_FDCWD, way->real.bytes, text, sizeof text, 0, 0);
  if (length == sizeof text || way->rest.is_cut || way->real.is_cut) return -ENAMETOOLONG;
  if (length >= 0) {
    text[length] = '\0';
    return follow(scaffold, way, text);
  }
  if (length != -EINVAL) return (int)length; /* EINVAL: no link */
  const char *place = inside(scaffold, &way->real);
  return place == NULL || way->rest.length == 0 ? 0 : place_make(scaffold->root, place, 1);
}

static int attach(const struct scaffold *scaffold, const struct line *real, uint32_t flags)
{
  const char *place = inside(scaffold, real);
  if (place == NULL) return 0;
  int tree = sandbox_tree_open(AT_FDCWD, real->bytes, flags);
  if (tree < 0) return tree;
  struct stat status;
  int result = sys_fstat(tree, &status);
  if (result == 0) result = place_make(scaffold->root, place, S_ISDIR(status.st_mode));
  if (result == 0) result = sandbox_tree_attach(tree, scaffold->root, place);
  sys_close(tree);
  return result;
}

int place_show(const struct scaffold *scaffold, const char *path, uint32_t flags)
{
  struct way way = { .links = 0 };
  line_start(&way.real);
  line_start(&way.rest);
  line_add(&way.rest, path);
  int status = 0;
  while (status == 0 && take_name(&way)) status = way.real.length == 0 ? 0 : step(scaffold, &way);
  if (status == 0) status = attach(scaffold, &way.real, flags);
  return status == -ENOENT || status == -ENOTDIR ? 0 : status;
}
