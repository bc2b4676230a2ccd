#include <fcntl.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "kernel_numbers.h"
#include "sandbox.h"
#include "sys_call.h"

/* linux/mount.h of before 5.12 lacks some, and that of later C libraries cannot be had beside sys/mount.h. */
#define OPEN_CLONE 1u
#define RECURSIVE 0x8000u /* AT_RECURSIVE */
#define MOVE_FROM_EMPTY_PATH 0x04u
#define MOVE_TO_EMPTY_PATH 0x40u
#define ATTRIBUTE_READ_ONLY 0x1u
#define ATTRIBUTE_NO_SETUID 0x2u
#define ATTRIBUTE_NO_DEVICES 0x4u

struct attributes {
  uint64_t set, clear, propagation, user_namespace;
};

static int change_attributes(int folder, const char *path, unsigned at_flags, uint64_t set, uint64_t clear)
{
  const struct attributes wanted = { .set = set, .clear = clear };
  return (int)SYS6(NR_mount_setattr, folder, path, at_flags, &wanted, sizeof wanted, 0);
}

static int set_attributes(int folder, const char *path, unsigned at_flags, uint64_t set)
{
  return change_attributes(folder, path, at_flags, set, 0);
}

int sandbox_tree_open(int folder, const char *path, uint32_t flags)
{
  /* With all below it: what is mounted there must not show what it covers. */
  unsigned how = OPEN_CLONE | O_CLOEXEC | RECURSIVE | (*path == '\0' ? AT_EMPTY_PATH : 0u);
  long tree = SYS6(NR_open_tree, folder, path, how, 0, 0, 0);
  if (tree < 0) return (int)tree;
  uint64_t set = ATTRIBUTE_NO_SETUID;
  if (flags & TREE_READ_ONLY) set |= ATTRIBUTE_READ_ONLY;
  if (flags & TREE_NO_DEVICES) set |= ATTRIBUTE_NO_DEVICES;
  int status = set_attributes((int)tree, "", AT_EMPTY_PATH | RECURSIVE, set);
  if (status == 0) return (int)tree;
  SYS6(SYS_close, tree, 0, 0, 0, 0, 0);
  return status;
}

int sandbox_tree_attach(int tree, int folder, const char *path)
{
  unsigned how = MOVE_FROM_EMPTY_PATH | (*path == '\0' ? MOVE_TO_EMPTY_PATH : 0u);
  return (int)SYS6(NR_move_mount, tree, "", folder, path, how, 0);
}

int sandbox_tree_move(const char *from, const char *to)
{
  return (int)SYS6(NR_move_mount, AT_FDCWD, from, AT_FDCWD, to, 0, 0);
}

int sandbox_tree_lock(const char *path)
{
  return set_attributes(AT_FDCWD, path, RECURSIVE, ATTRIBUTE_READ_ONLY);
}

int sandbox_tree_unlock(const char *path)
{
  return change_attributes(AT_FDCWD, path, 0, 0, ATTRIBUTE_READ_ONLY);
}

int sandbox_enter_root(const char *root)
{
  long status = SYS6(SYS_chdir, root, 0, 0, 0, 0, 0);
  if (status == 0) status = SYS6(SYS_pivot_root, ".", ".", 0, 0, 0, 0);
  /* The old root now lies above the new one, on the same place: what is taken away is the old. */
  if (status == 0) status = SYS6(SYS_umount2, ".", MNT_DETACH, 0, 0, 0, 0);
  if (status == 0) status = SYS6(SYS_chdir, "/", 0, 0, 0, 0, 0);
  return status < 0 ? (int)status : set_attributes(AT_FDCWD, "/", 0, ATTRIBUTE_READ_ONLY);
}
