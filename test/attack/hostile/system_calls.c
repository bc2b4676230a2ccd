/* System calls that a hook has no business with. Their arguments are such that nothing happens where they are allowed: the
 * answer tells whether the kernel itself was reached. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/memfd.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "hostile.h"

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

#define TEXT(text) (long)(text)
#define NO_RANDOM_ADDRESSES 0x0040000
#define SIZE_OF_KERNEL_LOG 10

static const struct timespec impossible_time = { 0, -1 };

static const struct {
  const char *name;
  long number, args[6];
} calls[] = {
  { "unshare-user", SYS_unshare, { CLONE_NEWUSER } },
  { "unshare-mounts", SYS_unshare, { CLONE_NEWNS } },
  { "unshare-processes", SYS_unshare, { CLONE_NEWPID } },
  { "unshare-network", SYS_unshare, { CLONE_NEWNET } },
  { "unshare-ipc", SYS_unshare, { CLONE_NEWIPC } },
  { "unshare-host-name", SYS_unshare, { CLONE_NEWUTS } },
  { "unshare-cgroup", SYS_unshare, { CLONE_NEWCGROUP } },
  { "setns", SYS_setns, { -1, 0 } },
  { "clone3", SYS_clone3, { 0, 0 } },
  { "mount", SYS_mount, { 0 } },
  { "umount", SYS_umount2, { 0 } },
  { "pivot-root", SYS_pivot_root, { 0 } },
  { "chroot", SYS_chroot, { TEXT("/") } },
  { "open-tree", SYS_open_tree, { -1, TEXT(""), AT_EMPTY_PATH } },
  { "move-mount", SYS_move_mount, { -1, TEXT(""), -1, TEXT(""), -1 } },
  { "mount-setattr", SYS_mount_setattr, { -1, TEXT(""), -1, 0, 0 } },
  { "fsopen", SYS_fsopen, { TEXT("tmpfs"), 0 } },
  { "fspick", SYS_fspick, { -1, TEXT(""), -1 } },
  { "swapon", SYS_swapon, { 0 } },
  { "huge-pages", SYS_mmap, { 0, 0, 0, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1 } },
  { "huge-file", SYS_memfd_create, { 0, MFD_HUGETLB } },
  { "open-by-handle", SYS_open_by_handle_at, { -1, 0, 0 } },
  { "io-uring", SYS_io_uring_setup, { 1, 0 } },
  { "userfaultfd", SYS_userfaultfd, { -1 } },
  { "bpf", SYS_bpf, { -1, 0, 0 } },
  { "perf", SYS_perf_event_open, { 0 } },
  { "kcmp", SYS_kcmp, { 0, 0, -1 } },
  { "fanotify", SYS_fanotify_init, { -1 } },
  { "user-keyring", SYS_keyctl, { KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 0 } },
  { "add-key", SYS_add_key, { 0 } },
  { "request-key", SYS_request_key, { 0 } },
  { "personality", SYS_personality, { NO_RANDOM_ADDRESSES } },
  { "init-module", SYS_init_module, { 0 } },
  { "finit-module", SYS_finit_module, { -1, 0, 0 } },
  { "delete-module", SYS_delete_module, { 0 } },
  { "reboot", SYS_reboot, { 0 } },
  { "clock-settime", SYS_clock_settime, { CLOCK_REALTIME, (long)&impossible_time } },
  { "set-host-name", SYS_sethostname, { 0, -1 } },
  { "kernel-log", SYS_syslog, { SIZE_OF_KERNEL_LOG } },
  { "set-securebits", SYS_prctl, { PR_SET_SECUREBITS, 0 } },
  { "allow-tracers", SYS_prctl, { PR_SET_PTRACER, -1 } },
  { "set-memory-map", SYS_prctl, { PR_SET_MM, -1, 0, 0, 0 } },
};

const char *try_system_call(const char *name)
{
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    const long *with = calls[i].args;
    if (strcmp(calls[i].name, name) != 0) continue;
    return outcome(syscall(calls[i].number, with[0], with[1], with[2], with[3], with[4], with[5]));
  }
  return NULL;
}
