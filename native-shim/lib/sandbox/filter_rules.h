/* Which system calls the filter treats, when and how. */
#ifndef HOOK_SUPERVISOR_FILTER_RULES_H
#define HOOK_SUPERVISOR_FILTER_RULES_H

#include <stddef.h>
#include <stdint.h>

enum filter_case {
  FILTER_ALWAYS = 1 << 0,
  FILTER_SHARED_PIDS = 1 << 1,    /* no pid namespace: other processes have numbers here */
  FILTER_SHARED_SIGNALS = 1 << 2, /* nor Landlock's scope for signals (ABI 6) */
  FILTER_SHARED_IPC = 1 << 3,     /* no ipc namespace */
  FILTER_UNIX_SOCKETS = 1 << 4,   /* these two allow: sockets of other families are refused */
  FILTER_INET_SOCKETS = 1 << 5,   /* with the netlink socket that lists interfaces */
};

enum filter_rule {
  /* Answered at once. */
  RULE_EPERM,
  RULE_ENOSYS, /* libraries go on without, as on a kernel that does not know it */
  /* Looked at. All others are refused with EPERM, or what is named. */
  RULE_FIRST_LOOKED_AT,
  RULE_CLONE = RULE_FIRST_LOOKED_AT, /* no new namespace, no child in our parent's name */
  RULE_SOCKET,                       /* EAFNOSUPPORT */
  RULE_SOCKETPAIR,                   /* AF_UNIX; EAFNOSUPPORT */
  RULE_IOCTL,                        /* no typing on another's terminal */
  RULE_PRCTL,                        /* no tracer, no false memory map, no core scheduling of others */
  RULE_PERSONALITY,                  /* the usual one, and the question for it */
  RULE_SELF,                         /* first argument, a process: 0 */
  RULE_PRIORITY,                     /* setpriority: 0 of a process or group */
  RULE_IO_PRIORITY,                  /* ioprio_set: likewise */
  RULE_KILL,                         /* 0, own_pid, and its group */
  RULE_THREAD_KILL,                  /* own_pid */
  RULE_FCNTL,                        /* no signal to others by F_SETOWN */
  RULE_HUGE_MAP,                     /* mmap: no pages of those that the machine has set aside; ENOMEM */
  RULE_HUGE_FILE,                    /* memfd_create: likewise */
  RULE_COUNT,
};

struct filter_entry {
  uint16_t number;
  uint8_t rule;  /* enum filter_rule */
  uint8_t cases; /* applies if one of these is there */
};

#define FILTER_ENTRIES_MAX 128
extern const struct filter_entry filter_entries[];
extern const size_t filter_entry_count;

#endif
