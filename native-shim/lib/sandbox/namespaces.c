#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "put.h"
#include "sandbox.h"
#include "sys_call.h"

/* One write, as the kernel wants it for these files. */
static int write_file(const char *path, const char *text, size_t length)
{
  long fd = SYS6(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0, 0, 0);
  if (fd < 0) return (int)fd;
  long written = SYS6(SYS_write, fd, text, length, 0, 0, 0);
  SYS6(SYS_close, fd, 0, 0, 0, 0, 0);
  return written < 0 ? (int)written : 0;
}

/* "ID ID 1": inside, outside, how many. */
static int map_one(const char *path, uint32_t id)
{
  char line[2 * PUT_NUMBER_MAX_BYTES + 4];
  char *end = put_text(put_number(put_text(put_number(line, id), " "), id), " 1");
  return write_file(path, line, (size_t)(end - line));
}

int sandbox_unshare_user(struct sandbox_ids *ids)
{
  ids->uid = (uint32_t)SYS6(SYS_geteuid, 0, 0, 0, 0, 0, 0);
  ids->gid = (uint32_t)SYS6(SYS_getegid, 0, 0, 0, 0, 0, 0);
  return sandbox_unshare(CLONE_NEWUSER);
}

int sandbox_map_ids(const struct sandbox_ids *ids)
{
  /* Without it the kernel lets nobody but root map a group: by leaving one, a process could reach what denies that group. */
  int status = write_file("/proc/self/setgroups", "deny", 4);
  if (status < 0) return status;
  status = map_one("/proc/self/uid_map", ids->uid);
  return status < 0 ? status : map_one("/proc/self/gid_map", ids->gid);
}

int sandbox_unshare(uint64_t kinds)
{
  return (int)SYS6(SYS_unshare, kinds, 0, 0, 0, 0, 0);
}

int sandbox_loopback_up(void)
{
  struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
  long sock = SYS6(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0, 0, 0, 0);
  if (sock < 0) return (int)sock;
  long status = SYS6(SYS_ioctl, sock, SIOCSIFFLAGS, &request, 0, 0, 0);
  SYS6(SYS_close, sock, 0, 0, 0, 0, 0);
  return (int)status;
}
