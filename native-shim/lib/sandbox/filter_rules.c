#include "filter_rules.h"

#include <sys/syscall.h>

#include "kernel_numbers.h"

#define ALWAYS(number, rule) { number, rule, FILTER_ALWAYS }

const struct filter_entry filter_entries[] = {
  /* Namespaces. clone3 takes its flags from memory, where a filter cannot look: libc then takes clone. */
  ALWAYS(SYS_clone, RULE_CLONE),
  ALWAYS(NR_clone3, RULE_ENOSYS),
  ALWAYS(SYS_unshare, RULE_EPERM),
  ALWAYS(SYS_setns, RULE_EPERM),
  /* Mounts, old and new. */
  ALWAYS(SYS_mount, RULE_EPERM),
  ALWAYS(SYS_umount2, RULE_EPERM),
  ALWAYS(SYS_pivot_root, RULE_EPERM),
  ALWAYS(SYS_chroot, RULE_EPERM),
  ALWAYS(NR_open_tree, RULE_EPERM),
  ALWAYS(NR_open_tree_attr, RULE_EPERM),
  ALWAYS(NR_move_mount, RULE_EPERM),
  ALWAYS(NR_mount_setattr, RULE_EPERM),
  ALWAYS(NR_fsopen, RULE_EPERM),
  ALWAYS(NR_fsconfig, RULE_EPERM),
  ALWAYS(NR_fsmount, RULE_EPERM),
  ALWAYS(NR_fspick, RULE_EPERM),
  ALWAYS(SYS_swapon, RULE_EPERM),
  ALWAYS(SYS_swapoff, RULE_EPERM),
  ALWAYS(SYS_quotactl, RULE_EPERM),
  ALWAYS(NR_quotactl_fd, RULE_EPERM),
  ALWAYS(SYS_open_by_handle_at, RULE_EPERM), /* a file without a path */
  /* Other processes: their memory, their descriptors. */
  ALWAYS(SYS_ptrace, RULE_EPERM),
  ALWAYS(SYS_process_vm_readv, RULE_EPERM),
  ALWAYS(SYS_process_vm_writev, RULE_EPERM),
  ALWAYS(NR_process_madvise, RULE_EPERM),
  ALWAYS(NR_pidfd_getfd, RULE_EPERM),
  ALWAYS(SYS_kcmp, RULE_EPERM),
  ALWAYS(SYS_move_pages, RULE_SELF),
  ALWAYS(SYS_migrate_pages, RULE_SELF),
  ALWAYS(SYS_prctl, RULE_PRCTL),
  ALWAYS(SYS_ioctl, RULE_IOCTL),
  /* Large parts of the kernel that few programs need. io_uring would do what stands in this list unseen. */
  ALWAYS(SYS_bpf, RULE_EPERM),
  ALWAYS(SYS_perf_event_open, RULE_EPERM),
  ALWAYS(SYS_userfaultfd, RULE_EPERM),
  ALWAYS(NR_io_uring_setup, RULE_ENOSYS),
  ALWAYS(NR_io_uring_enter, RULE_ENOSYS),
  ALWAYS(NR_io_uring_register, RULE_ENOSYS),
  ALWAYS(SYS_fanotify_init, RULE_EPERM),
  ALWAYS(SYS_fanotify_mark, RULE_EPERM),
  ALWAYS(SYS_socket, RULE_SOCKET),
  ALWAYS(SYS_socketpair, RULE_SOCKETPAIR),
  ALWAYS(SYS_personality, RULE_PERSONALITY),
  /* Keys belong to the user, not to a namespace. */
  ALWAYS(SYS_keyctl, RULE_EPERM),
  ALWAYS(SYS_add_key, RULE_EPERM),
  ALWAYS(SYS_request_key, RULE_EPERM),
  /* Huge pages count against no limit of memory, and whoever has set them aside wants them for something else. Those by
   * number (shmget) need a capability or locked memory. */
  ALWAYS(SYS_mmap, RULE_HUGE_MAP),
  ALWAYS(SYS_memfd_create, RULE_HUGE_FILE),
  /* The machine. */
  ALWAYS(SYS_reboot, RULE_EPERM),
  ALWAYS(SYS_kexec_load, RULE_EPERM),
  ALWAYS(SYS_kexec_file_load, RULE_EPERM),
  ALWAYS(SYS_init_module, RULE_EPERM),
  ALWAYS(SYS_finit_module, RULE_EPERM),
  ALWAYS(SYS_delete_module, RULE_EPERM),
  ALWAYS(SYS_acct, RULE_EPERM),
  ALWAYS(SYS_syslog, RULE_EPERM),
  ALWAYS(SYS_vhangup, RULE_EPERM),
  ALWAYS(SYS_sethostname, RULE_EPERM),
  ALWAYS(SYS_setdomainname, RULE_EPERM),
  ALWAYS(SYS_settimeofday, RULE_EPERM),
  ALWAYS(SYS_clock_settime, RULE_EPERM),
  ALWAYS(SYS_clock_adjtime, RULE_EPERM),
  ALWAYS(SYS_adjtimex, RULE_EPERM),
#ifdef SYS_lookup_dcookie
  ALWAYS(SYS_lookup_dcookie, RULE_EPERM),
#endif
#ifdef __x86_64__
  ALWAYS(SYS_iopl, RULE_EPERM),
  ALWAYS(SYS_ioperm, RULE_EPERM),
  ALWAYS(SYS_modify_ldt, RULE_EPERM),
  ALWAYS(SYS_uselib, RULE_EPERM),
#endif

  /* What neither Landlock nor the uid keeps from a process of the same user: the daemon's limits and its CPUs. */
  { SYS_prlimit64, RULE_SELF, FILTER_SHARED_PIDS },
  { SYS_sched_setaffinity, RULE_SELF, FILTER_SHARED_PIDS },
  { SYS_sched_setscheduler, RULE_SELF, FILTER_SHARED_PIDS },
  { SYS_sched_setparam, RULE_SELF, FILTER_SHARED_PIDS },
  { SYS_sched_setattr, RULE_SELF, FILTER_SHARED_PIDS },
  { SYS_setpriority, RULE_PRIORITY, FILTER_SHARED_PIDS },
  { SYS_ioprio_set, RULE_IO_PRIORITY, FILTER_SHARED_PIDS },

  { SYS_kill, RULE_KILL, FILTER_SHARED_SIGNALS },
  { SYS_tgkill, RULE_THREAD_KILL, FILTER_SHARED_SIGNALS },
  { SYS_tkill, RULE_EPERM, FILTER_SHARED_SIGNALS },
  { SYS_rt_sigqueueinfo, RULE_THREAD_KILL, FILTER_SHARED_SIGNALS },
  { SYS_rt_tgsigqueueinfo, RULE_THREAD_KILL, FILTER_SHARED_SIGNALS },
  { SYS_pidfd_send_signal, RULE_EPERM, FILTER_SHARED_SIGNALS },
  { SYS_fcntl, RULE_FCNTL, FILTER_SHARED_SIGNALS },

  /* Queues and memory by number or name, which another process of the user may hold. */
  { SYS_shmget, RULE_ENOSYS, FILTER_SHARED_IPC },
  { SYS_shmat, RULE_ENOSYS, FILTER_SHARED_IPC },
  { SYS_shmctl, RULE_ENOSYS, FILTER_SHARED_IPC },
  { SYS_semget, RULE_ENOSYS, FILTER_SHARED_IPC },
  { SYS_semop, RULE_ENOSYS, FILTER_SHARED_IPC },
  { SYS_semtimedop, RULE_ENOSYS, FILTER_SHARED_IPC },
  { SYS_semctl, RULE_ENOSYS, FILTER_SHARED_IPC },
  { SYS_msgget, RULE_ENOSYS, FILTER_SHARED_IPC },
  { SYS_msgsnd, RULE_ENOSYS, FILTER_SHARED_IPC },
  { SYS_msgrcv, RULE_ENOSYS, FILTER_SHARED_IPC },
  { SYS_msgctl, RULE_ENOSYS, FILTER_SHARED_IPC },
  { SYS_mq_open, RULE_ENOSYS, FILTER_SHARED_IPC },
  { SYS_mq_unlink, RULE_ENOSYS, FILTER_SHARED_IPC },
};

const size_t filter_entry_count = sizeof filter_entries / sizeof filter_entries[0];
_Static_assert(sizeof filter_entries / sizeof filter_entries[0] <= FILTER_ENTRIES_MAX, "sorted in a table of that size");
