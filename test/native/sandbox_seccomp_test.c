/* The filter in the kernel: what is refused, with which errno, and what goes on. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"
#include "harness.h"
#include "kernel_numbers.h"
#include "sandbox_fixture.h"

static int kernel_is_out_of_reach(void *unused)
{
  (void)unused;
  char byte;
  struct iovec part = { &byte, 1 };
  EXPECT(restrict_calls(0) == 0);
  EXPECT_ERRNO(unshare(0), EPERM);
  EXPECT_ERRNO(unshare(CLONE_NEWUSER), EPERM);
  EXPECT_ERRNO(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), EPERM);
  EXPECT_ERRNO(syscall(NR_clone3, 0, 0), ENOSYS);
  EXPECT_ERRNO(setns(0, 0), EPERM);
  EXPECT_ERRNO(mount("none", "/nowhere", "tmpfs", 0, ""), EPERM);
  EXPECT_ERRNO(syscall(NR_fsopen, "tmpfs", 0), EPERM);
  EXPECT_ERRNO(chroot("/"), EPERM);
  EXPECT_ERRNO(ptrace(PTRACE_TRACEME, 0, 0, 0), EPERM);
  EXPECT_ERRNO(process_vm_readv(getpid(), &part, 1, &part, 1, 0), EPERM);
  EXPECT_ERRNO(syscall(NR_pidfd_getfd, -1, 0, 0), EPERM);
  EXPECT_ERRNO(syscall(SYS_keyctl, 0, -3, 0), EPERM);
  EXPECT_ERRNO(syscall(SYS_add_key, "user", "a", "b", 1, -2), EPERM);
  EXPECT_ERRNO(syscall(SYS_bpf, 0, 0, 0), EPERM);
  EXPECT_ERRNO(syscall(SYS_perf_event_open, 0, 0, 0, 0, 0), EPERM);
  EXPECT_ERRNO(syscall(SYS_userfaultfd, 1), EPERM);
  EXPECT_ERRNO(syscall(NR_io_uring_setup, 1, 0), ENOSYS);
  EXPECT_ERRNO(syscall(SYS_personality, 0x0040000), EPERM); /* ADDR_NO_RANDOMIZE */
  EXPECT(syscall(SYS_personality, 0xffffffff) >= 0);
  EXPECT_ERRNO(ioctl(0, TIOCSTI, &byte), EPERM); /* before the kernel looks whether it is a terminal */
  return 0;
}

TEST(the_kernels_rarely_used_parts_are_refused)
{
  CHECK_IN_CHILD(kernel_is_out_of_reach, NULL);
}

/* With arguments that no kernel takes, so that nothing happens if one gets through. */
static const long refused[] = {
  SYS_setns, SYS_umount2, SYS_pivot_root, NR_open_tree, NR_open_tree_attr, NR_move_mount, NR_mount_setattr, NR_fsconfig,
  NR_fsmount, NR_fspick, SYS_swapon, SYS_swapoff, SYS_quotactl, NR_quotactl_fd, SYS_open_by_handle_at, SYS_process_vm_writev,
  NR_process_madvise, SYS_kcmp, SYS_move_pages, SYS_migrate_pages, SYS_fanotify_init, SYS_fanotify_mark, SYS_request_key,
  SYS_reboot, SYS_kexec_load, SYS_kexec_file_load, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_acct, SYS_syslog,
  SYS_sethostname, SYS_setdomainname, SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex,
#ifdef __x86_64__
  SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_uselib,
#endif
};

static int machine_is_out_of_reach(void *unused)
{
  (void)unused;
  EXPECT(restrict_calls(0) == 0);
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    errno = 0;
    if (syscall(refused[i], -1L, -1L, -1L, -1L, -1L, -1L) != -1 || errno != EPERM) return (int)refused[i];
  }
  EXPECT_ERRNO(prctl(PR_SET_MM, -1L, -1L, -1L, -1L), EPERM);
  EXPECT_ERRNO(prctl(PR_SET_PTRACER, -1L), EPERM);
  return 0;
}

TEST(the_machine_and_other_processes_are_out_of_reach)
{
  CHECK_IN_CHILD(machine_is_out_of_reach, NULL);
}

static int sockets_are_of_no_family(void *unused)
{
  (void)unused;
  int pair[2];
  EXPECT(restrict_calls(0) == 0);
  EXPECT_ERRNO(socket(AF_UNIX, SOCK_STREAM, 0), EAFNOSUPPORT);
  EXPECT_ERRNO(socket(AF_INET, SOCK_STREAM, 0), EAFNOSUPPORT);
  EXPECT_ERRNO(socket(AF_INET6, SOCK_DGRAM, 0), EAFNOSUPPORT);
  EXPECT_ERRNO(socket(AF_NETLINK, SOCK_RAW, 0), EAFNOSUPPORT);
  EXPECT_ERRNO(socket(AF_VSOCK, SOCK_STREAM, 0), EAFNOSUPPORT);
  EXPECT_ERRNO(socket(AF_ALG, SOCK_SEQPACKET, 0), EAFNOSUPPORT);
  EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  return 0;
}

static int sockets_are_of_the_internet(void *unused)
{
  (void)unused;
  EXPECT(restrict_calls(FILTER_INET_SOCKETS) == 0);
  EXPECT(socket(AF_INET, SOCK_STREAM, 0) >= 0);
  EXPECT_ERRNO(socket(AF_UNIX, SOCK_STREAM, 0), EAFNOSUPPORT);
  EXPECT_ERRNO(socket(AF_VSOCK, SOCK_STREAM, 0), EAFNOSUPPORT);
  return 0;
}

TEST(sockets_of_other_families_cannot_be_made)
{
  CHECK_IN_CHILD(sockets_are_of_no_family, NULL);
  CHECK_IN_CHILD(sockets_are_of_the_internet, NULL);
}

static int parent_keeps_its_limits(void *unused)
{
  (void)unused;
  struct rlimit now;
  pid_t parent = getppid();
  unsigned long cpus = 1;
  struct sched_param batch = { 0 };
  EXPECT(restrict_calls(FILTER_SHARED_PIDS) == 0);
  EXPECT_ERRNO(prlimit(parent, RLIMIT_NOFILE, NULL, &now), EPERM);
  EXPECT_ERRNO(setpriority(PRIO_PROCESS, (id_t)parent, 19), EPERM);
  EXPECT_ERRNO(setpriority(PRIO_USER, 0, 19), EPERM);
  EXPECT_ERRNO(syscall(SYS_sched_setaffinity, parent, sizeof cpus, &cpus), EPERM);
  EXPECT_ERRNO(sched_setscheduler(parent, SCHED_IDLE, &batch), EPERM);
  EXPECT_ERRNO(syscall(SYS_ioprio_set, 1, parent, 3 << 13), EPERM);
  EXPECT(prlimit(0, RLIMIT_NOFILE, NULL, &now) == 0 && setrlimit(RLIMIT_NOFILE, &now) == 0);
  EXPECT(setpriority(PRIO_PROCESS, 0, 19) == 0);
  return 0;
}

TEST(the_parents_limits_priority_and_cpus_are_not_its_to_set)
{
  CHECK_IN_CHILD(parent_keeps_its_limits, NULL);
}

static int signals_stay_in_the_group(void *unused)
{
  (void)unused;
  EXPECT(setsid() == getpid());
  EXPECT(restrict_calls(FILTER_SHARED_SIGNALS) == 0);
  EXPECT_ERRNO(kill(getppid(), 0), EPERM);
  EXPECT_ERRNO(kill(-1, 0), EPERM);
  EXPECT_ERRNO(fcntl(0, F_SETOWN, getppid()), EPERM);
  EXPECT(kill(0, 0) == 0);
  EXPECT(kill(getpid(), 0) == 0);
  EXPECT(raise(SIGURG) == 0);
  return 0;
}

TEST(the_parent_gets_no_signal)
{
  CHECK_IN_CHILD(signals_stay_in_the_group, NULL);
}

static int queues_are_gone(void *unused)
{
  (void)unused;
  EXPECT(restrict_calls(FILTER_SHARED_IPC) == 0);
  EXPECT_ERRNO(syscall(SYS_shmget, 0, 4096, 0), ENOSYS);
  EXPECT_ERRNO(syscall(SYS_shmat, 0, 0, 0), ENOSYS);
  EXPECT_ERRNO(syscall(SYS_msgget, 1, 0), ENOSYS);
  EXPECT_ERRNO(syscall(SYS_semget, 1, 1, 0), ENOSYS);
  EXPECT_ERRNO(syscall(SYS_mq_open, "a", 0, 0, 0), ENOSYS);
  return 0;
}

TEST(queues_and_memory_shared_by_number_are_gone)
{
  CHECK_IN_CHILD(queues_are_gone, NULL);
}

static void *add_one(void *number)
{
  ++*(int *)number;
  return NULL;
}

static int threads_and_children_go_on(void *unused)
{
  (void)unused;
  int number = 0, status;
  pthread_t thread;
  EXPECT(restrict_calls(FILTER_SHARED_PIDS | FILTER_SHARED_IPC) == 0);
  EXPECT(pthread_create(&thread, NULL, add_one, &number) == 0 && pthread_join(thread, NULL) == 0 && number == 1);
  pid_t pid = fork();
  EXPECT(pid >= 0);
  if (pid == 0) _exit(7);
  EXPECT(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7);
  EXPECT(prctl(PR_SET_NAME, "still-here") == 0);
  return 0;
}

TEST(threads_and_children_go_on_without_clone3)
{
  CHECK_IN_CHILD(threads_and_children_go_on, NULL);
}

#ifdef __x86_64__
static int call_as_32_bit(void *unused)
{
  (void)unused;
  EXPECT(restrict_calls(0) == 0);
  long result = 20; /* getpid of that table */
  __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
  return 0;
}

static int call_as_x32(void *unused)
{
  (void)unused;
  EXPECT(restrict_calls(0) == 0);
  syscall(0x40000000 | SYS_getpid);
  return 0;
}

TEST(calls_by_another_table_of_numbers_kill)
{
  CHECK_EQUAL(in_child(call_as_x32, NULL), -SIGSYS);
  int killed_by = -in_child(call_as_32_bit, NULL);
  CHECK(killed_by == SIGSYS || killed_by == SIGSEGV); /* the latter where the kernel has no such table */
}
#endif

static int filter_needs_no_new_privs(void *unused)
{
  (void)unused;
  struct sandbox_filter filter;
  EXPECT(sandbox_filter_build(&filter, 0, 0) == 0);
  EXPECT(geteuid() == 0 || sandbox_filter_load(&filter) == -EACCES);
  return 0;
}

TEST(an_ordinary_user_cannot_load_it_without_no_new_privs)
{
  CHECK_EQUAL(in_ordinary_child(filter_needs_no_new_privs, NULL), 0);
}
