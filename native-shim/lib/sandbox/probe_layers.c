#include "probe_layers.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

#include "filter.h"
#include "kernel_numbers.h"
#include "probe.h"
#include "sandbox.h"
#include "stage.h"
#include "sys_call.h"

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif
#define REPORT_FD 3
#define TMP_MAX_BYTES (1ull << 20)
#define TMP_MAX_FILES 16
#define NOBODY 65534
#define PORT_DISCARD 9

_Noreturn static void leave(int status)
{
  for (;;) SYS6(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

/* What became of a step: status is 0 or -errno. */
struct step {
  enum stage stage;
  int status;
};

static int report_fd;

static void report(enum sandbox_layer layer, int level, struct step step)
{
  struct probe_result result = {
    .layer = (uint8_t)layer, .level = (uint8_t)level, .stage = (uint16_t)step.stage, .errnum = (uint16_t)-step.status
  };
  SYS6(SYS_write, report_fd, &result, sizeof result, 0, 0, 0);
}

/* A layer that is one step, and whether its effect has been seen. */
static struct step report_step(enum sandbox_layer layer, struct step step, int is_proved)
{
  if (step.status < 0) report(layer, 0, step);
  else if (is_proved) report(layer, 1, (struct step){ STAGE_NONE, 0 });
  else report(layer, 0, (struct step){ STAGE_PROOF, 0 });
  return step;
}

/* The identity of a namespace. */
static uint64_t inode_of(const char *path)
{
  struct stat status;
  return SYS6(SYS_newfstatat, AT_FDCWD, path, &status, 0, 0, 0) < 0 ? 0 : status.st_ino;
}

/* Of no return, so in a child of its own: its exit status is the errno. */
static void probe_other_uid(void)
{
  long child = SYS6(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
  if (child == 0) {
    long status = SYS6(SYS_setgroups, 0, NULL, 0, 0, 0, 0);
    if (status == 0) status = SYS6(SYS_setresgid, NOBODY, NOBODY, NOBODY, 0, 0, 0);
    if (status == 0) status = SYS6(SYS_setresuid, NOBODY, NOBODY, NOBODY, 0, 0, 0);
    if (status == 0 && SYS6(SYS_geteuid, 0, 0, 0, 0, 0, 0) != NOBODY) status = -EPERM;
    leave((int)-status & 0xff);
  }
  int ended = ECHILD << 8;
  if (child > 0) SYS6(SYS_wait4, child, &ended, 0, NULL, 0, 0);
  int errnum = (ended & 0x7f) != 0 ? ECANCELED : ended >> 8 & 0xff;
  report_step(LAYER_OTHER_UID, (struct step){ STAGE_OTHER_UID, child < 0 ? (int)child : -errnum }, 1);
}

static void probe_user_namespace(void)
{
  struct sandbox_ids ids;
  uint64_t before = inode_of("/proc/self/ns/user");
  struct step step = { STAGE_USER_NAMESPACE, sandbox_unshare_user(&ids) };
  if (step.status == 0) step = (struct step){ STAGE_ID_MAP, sandbox_map_ids(&ids) };
  int is_same_uid = SYS6(SYS_geteuid, 0, 0, 0, 0, 0, 0) == (long)ids.uid;
  report_step(LAYER_USER, step, is_same_uid && inode_of("/proc/self/ns/user") != before);
}

static struct step probe_namespace(enum sandbox_layer layer, uint64_t kind, const char *path)
{
  uint64_t before = inode_of(path);
  struct step step = { STAGE_NAMESPACE, sandbox_unshare(kind) };
  return report_step(layer, step, inode_of(path) != before);
}

static void probe_network(void)
{
  uint64_t before = inode_of("/proc/self/ns/net");
  struct step step = { STAGE_NAMESPACE, sandbox_unshare(CLONE_NEWNET) };
  if (step.status < 0 || inode_of("/proc/self/ns/net") == before) {
    report_step(LAYER_NET, step, 0);
    return;
  }
  step = (struct step){ STAGE_LOOPBACK, sandbox_loopback_up() };
  if (step.status == 0) step.stage = STAGE_NONE;
  report(LAYER_NET, step.status == 0 ? 2 : 1, step);
}

/* The first process of a new pid namespace goes on; its parent waits for it here. Without one we go on ourselves. */
static struct step enter_pid_namespace(void)
{
  struct step step = { STAGE_NAMESPACE, sandbox_unshare(CLONE_NEWPID) };
  long child = -1;
  if (step.status == 0) {
    child = SYS6(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
    step = (struct step){ STAGE_NAMESPACE_FORK, child < 0 ? (int)child : 0 };
  }
  if (child > 0) {
    SYS6(SYS_wait4, child, NULL, 0, NULL, 0, 0);
    leave(0);
  }
  if (child == 0) SYS6(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
  return report_step(LAYER_PID, step, child == 0 && SYS6(SYS_getpid, 0, 0, 0, 0, 0, 0) == 1);
}

static int is_private(const char *path)
{
  struct statfs info;
  if (SYS6(SYS_statfs, path, &info, 0, 0, 0, 0) < 0 || info.f_type != TMPFS_MAGIC) return 0;
  return (uint64_t)info.f_blocks * (uint64_t)info.f_bsize == TMP_MAX_BYTES;
}

/* Only once they are detached, or it would be the host's tree that changes. */
static void probe_mounts(struct step detached)
{
  if (detached.status < 0) {
    report(LAYER_PRIVATE_MOUNTS, 0, detached);
    return;
  }
  struct step step = { STAGE_MOUNT_PRIVATE, sandbox_mount_private("/tmp", TMP_MAX_BYTES, TMP_MAX_FILES) };
  if (step.status == 0) step.status = sandbox_mount_private("/dev/shm", TMP_MAX_BYTES, TMP_MAX_FILES);
  if (step.status == 0) step = (struct step){ STAGE_MOUNT_COVER, sandbox_mount_cover("/sys/fs/cgroup") };
  if (step.stage == STAGE_MOUNT_COVER && step.status == -ENOENT) step.status = 0; /* nothing to cover */
  report_step(LAYER_PRIVATE_MOUNTS, step, is_private("/tmp") && is_private("/dev/shm"));
}

static void probe_proc(struct step detached, struct step pids)
{
  char self[8] = "";
  if (detached.status < 0 || pids.status < 0) {
    report(LAYER_PROC, 0, detached.status < 0 ? detached : pids);
    return;
  }
  struct step step = { STAGE_MOUNT_PROC, sandbox_mount_proc("/proc") };
  long length = SYS6(SYS_readlinkat, AT_FDCWD, "/proc/self", self, sizeof self, 0, 0);
  report_step(LAYER_PROC, step, length == 1 && self[0] == '1');
}

/* The last of the mounts: it leaves nothing to be written. */
static void probe_read_only(struct step detached)
{
  if (detached.status < 0) return;
  struct step step = { STAGE_VIEW, sandbox_tree_make_read_only("/") };
  if (step.status == 0) step.stage = STAGE_NONE;
  report(LAYER_MOUNT, step.status == 0 ? 2 : 1, step);
}

static void probe_namespaces(void)
{
  probe_user_namespace();
  struct step mounts = probe_namespace(LAYER_MOUNT, CLONE_NEWNS, "/proc/self/ns/mnt");
  probe_namespace(LAYER_IPC, CLONE_NEWIPC, "/proc/self/ns/ipc");
  probe_namespace(LAYER_UTS, CLONE_NEWUTS, "/proc/self/ns/uts");
  probe_namespace(LAYER_CGROUP, CLONE_NEWCGROUP, "/proc/self/ns/cgroup");
  probe_network();
  struct step pids = enter_pid_namespace();
  if (mounts.status == 0) mounts = (struct step){ STAGE_DETACH_MOUNTS, sandbox_detach_mounts() };
  probe_mounts(mounts);
  probe_proc(mounts, pids);
  probe_read_only(mounts);
}

static void probe_descriptors(void)
{
  struct step step = { STAGE_CLOSE_RANGE, 0 };
  if (report_fd != REPORT_FD) step.status = (int)SYS6(SYS_dup3, report_fd, REPORT_FD, 0, 0, 0, 0);
  if (step.status >= 0) {
    report_fd = REPORT_FD;
    step.status = sandbox_close_from(REPORT_FD + 1);
  }
  report_step(LAYER_DESCRIPTORS, step, 1);
}

static void probe_capabilities(void)
{
  struct step locked = { STAGE_LOCK_PRIVILEGES, sandbox_lock_privileges() };
  struct step dropped = { STAGE_DROP_CAPABILITIES, sandbox_drop_capabilities() };
  if (dropped.status < 0) report(LAYER_CAPABILITIES, 0, dropped);
  else if (locked.status < 0) report(LAYER_CAPABILITIES, 1, locked);
  else report(LAYER_CAPABILITIES, 2, (struct step){ STAGE_NONE, 0 });
}

/* EACCES is Landlock's answer, before the network is asked. Without a socket there is nothing to see. */
static int is_tcp_denied(void)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PORT_DISCARD) };
  long sock = SYS6(SYS_socket, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0, 0, 0, 0);
  if (sock < 0) return 1;
  long status = SYS6(SYS_connect, sock, &address, sizeof address, 0, 0, 0);
  SYS6(SYS_close, sock, 0, 0, 0, 0, 0);
  return status == -EACCES;
}

static void probe_landlock(void)
{
  int abi = sandbox_landlock_abi(), ruleset = -1;
  struct step step = { STAGE_LANDLOCK_VERSION, abi < 0 ? abi : 0 };
  if (abi > 0) {
    ruleset = sandbox_landlock_make(abi, 1);
    step = (struct step){ STAGE_LANDLOCK_RULESET, ruleset < 0 ? ruleset : 0 };
  }
  if (ruleset >= 0) step = (struct step){ STAGE_LANDLOCK_RESTRICT, sandbox_landlock_restrict(ruleset) };
  if (step.status < 0) {
    report(LAYER_LANDLOCK, 0, step);
    return;
  }
  int is_root_denied = SYS6(SYS_openat, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0, 0, 0) == -EACCES;
  if (is_root_denied && (abi < 4 || is_tcp_denied())) report(LAYER_LANDLOCK, abi, (struct step){ STAGE_NONE, 0 });
  else report(LAYER_LANDLOCK, 0, (struct step){ STAGE_PROOF, 0 });
}

static void probe_seccomp(void)
{
  struct sandbox_filter filter;
  struct step step = { STAGE_FILTER_BUILD, sandbox_filter_build(&filter, FILTER_INET_SOCKETS, 0) };
  if (step.status == 0) step = (struct step){ STAGE_FILTER_LOAD, sandbox_filter_load(&filter) };
  /* Of nobody ptrace says ESRCH. A container's filter may have refused the rest before us, but lets this through. */
  int is_proved = SYS6(SYS_ptrace, PTRACE_DETACH, -1, 0, 0, 0, 0) == -EPERM &&
                  SYS6(NR_clone3, NULL, 0, 0, 0, 0, 0) == -ENOSYS;
  report_step(LAYER_SECCOMP, step, is_proved);
}

void probe_layers(int fd)
{
  report_fd = fd;
  SYS6(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
  probe_other_uid();
  probe_namespaces();
  report_step(LAYER_KEYRING, (struct step){ STAGE_KEYRING, sandbox_new_keyring() }, 1);
  struct step limits = { STAGE_RLIMIT, sandbox_lower_rlimits(sandbox_rlimits, sandbox_rlimit_count) };
  report_step(LAYER_RLIMITS, limits, 1);
  probe_descriptors();
  struct step no_new_privs = { STAGE_NO_NEW_PRIVS, sandbox_no_new_privs() };
  report_step(LAYER_NO_NEW_PRIVS, no_new_privs, SYS6(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0, 0) == 1);
  probe_capabilities();
  probe_landlock();
  probe_seccomp();
  leave(0);
}
