#include <errno.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "put.h"
#include "sandbox.h"
#include "sys_call.h"

#define OPTIONS_MAX_BYTES 96

static int mount_here(const char *type, const char *path, unsigned long flags, const char *options)
{
  return (int)SYS6(SYS_mount, type, path, type, flags, options, 0);
}

int sandbox_detach_mounts(void)
{
  /* Slave, not private: what the host takes away goes away here too, so no disk stays busy because of a hook. */
  return (int)SYS6(SYS_mount, "none", "/", NULL, MS_REC | MS_SLAVE, NULL, 0);
}

int sandbox_mount_private(const char *path, uint64_t max_bytes, uint64_t max_files)
{
  char options[OPTIONS_MAX_BYTES];
  char *at = put_number(put_text(options, "mode=1777,size="), max_bytes);
  put_number(put_text(at, ",nr_inodes="), max_files);
  return mount_here("tmpfs", path, MS_NOSUID | MS_NODEV, options);
}

int sandbox_mount_cover(const char *path)
{
  return mount_here("tmpfs", path, MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "mode=555,size=4k,nr_inodes=2");
}

int sandbox_mount_root(const char *path)
{
  return mount_here("tmpfs", path, MS_NOSUID | MS_NODEV, "mode=755,size=64k,nr_inodes=4096");
}

int sandbox_mount_proc(const char *path)
{
  return mount_here("proc", path, MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL);
}
