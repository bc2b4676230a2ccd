/* The filter program itself, run by a small machine: every number, by every list of cases, against the table. */
#include "filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "harness.h"

#define OWN_PID 4711
#define NUMBERS 1024
#define REFUSED (SECCOMP_RET_ERRNO | EPERM)
#define NO_MEMORY (SECCOMP_RET_ERRNO | ENOMEM)
#define NO_FAMILY (SECCOMP_RET_ERRNO | EAFNOSUPPORT)
#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#define OTHER_ARCH AUDIT_ARCH_I386
#else
#define ARCH AUDIT_ARCH_AARCH64
#define OTHER_ARCH AUDIT_ARCH_ARM
#endif

static unsigned steps;

static uint32_t decide(const struct sandbox_filter *filter, const struct seccomp_data *call)
{
  uint32_t value = 0;
  steps = 0;
  for (size_t at = 0; at < filter->length; at++, steps++) {
    const struct sock_filter *code = &filter->code[at];
    switch (code->code) {
    case BPF_LD | BPF_W | BPF_ABS:
      CHECK(code->k + 4 <= sizeof *call);
      memcpy(&value, (const char *)call + code->k, 4);
      break;
    case BPF_JMP | BPF_JA: at += code->k; break;
    case BPF_JMP | BPF_JEQ | BPF_K: at += value == code->k ? code->jt : code->jf; break;
    case BPF_JMP | BPF_JGE | BPF_K: at += value >= code->k ? code->jt : code->jf; break;
    case BPF_JMP | BPF_JSET | BPF_K: at += value & code->k ? code->jt : code->jf; break;
    case BPF_RET | BPF_K: return code->k;
    default: CHECK_EQUAL(code->code, 0);
    }
  }
  CHECK_EQUAL(filter->length, 0); /* it ran off its end */
  return 0;
}

static struct sandbox_filter filter;

static uint32_t answer_to(long number, uint64_t first, uint64_t second, uint64_t third)
{
  struct seccomp_data call = { .nr = (int)number, .arch = ARCH, .args = { first, second, third } };
  return decide(&filter, &call);
}

static uint32_t answer_to_map(uint64_t flags)
{
  struct seccomp_data call = { .nr = SYS_mmap, .arch = ARCH, .args = { 0, 4096, 3, flags } };
  return decide(&filter, &call);
}

static uint32_t answer(long number, uint64_t first, uint64_t second)
{
  return answer_to(number, first, second, 99);
}

static const struct filter_entry *entry_of(int number, uint32_t cases)
{
  for (size_t i = 0; i < filter_entry_count; i++)
    if (filter_entries[i].number == number && (filter_entries[i].cases & (cases | FILTER_ALWAYS))) return &filter_entries[i];
  return NULL;
}

TEST(no_number_stands_in_the_table_twice)
{
  for (size_t i = 0; i < filter_entry_count; i++)
    for (size_t j = 0; j < i; j++) CHECK(filter_entries[i].number != filter_entries[j].number);
}

TEST(every_number_is_answered_as_the_table_says_in_every_combination_of_cases)
{
  for (uint32_t cases = 0; cases < 2 * FILTER_INET_SOCKETS; cases += 2) {
    CHECK_EQUAL(sandbox_filter_build(&filter, cases, OWN_PID), 0);
    for (int number = 0; number < NUMBERS; number++) {
      const struct filter_entry *entry = entry_of(number, cases);
      if (entry != NULL && entry->rule >= RULE_FIRST_LOOKED_AT) continue;
      uint32_t wanted = entry == NULL                   ? SECCOMP_RET_ALLOW
                        : entry->rule == RULE_EPERM ? REFUSED
                                                        : SECCOMP_RET_ERRNO | ENOSYS;
      CHECK_EQUAL(answer(number, 0x7fffffff, 0x7fffffff), wanted);
      CHECK(steps < 20); /* by a tree, not by a list */
    }
  }
}

TEST(other_architectures_are_killed)
{
  CHECK_EQUAL(sandbox_filter_build(&filter, 0, 0), 0);
  struct seccomp_data call = { .nr = SYS_getpid, .arch = OTHER_ARCH };
  CHECK_EQUAL(decide(&filter, &call), SECCOMP_RET_KILL_PROCESS);
#ifdef __x86_64__
  CHECK_EQUAL(answer(0x40000000 | SYS_getpid, 0, 0), SECCOMP_RET_KILL_PROCESS); /* x32 */
#endif
}

TEST(a_clone_may_make_threads_and_children_but_no_namespace_and_no_sibling)
{
  CHECK_EQUAL(sandbox_filter_build(&filter, 0, 0), 0);
  CHECK_EQUAL(answer(SYS_clone, 17, 0), SECCOMP_RET_ALLOW);                 /* fork */
  CHECK_EQUAL(answer(SYS_clone, 0x3d0f00, 0), SECCOMP_RET_ALLOW);           /* pthread_create */
  CHECK_EQUAL(answer(SYS_clone, 0x4111, 0), SECCOMP_RET_ALLOW);             /* posix_spawn */
  const uint32_t refused[] = { 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x8000 };
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) CHECK_EQUAL(answer(SYS_clone, refused[i] | 17, 0), REFUSED);
}

TEST(sockets_are_of_the_families_asked_for)
{
  const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_ALG, AF_BLUETOOTH };
  for (uint32_t cases = 0; cases < 2 * FILTER_INET_SOCKETS; cases += FILTER_UNIX_SOCKETS) {
    CHECK_EQUAL(sandbox_filter_build(&filter, cases, 0), 0);
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
      int is_allowed = i == 0 ? (cases & FILTER_UNIX_SOCKETS) != 0 : i <= 2 && (cases & FILTER_INET_SOCKETS);
      CHECK_EQUAL(answer(SYS_socket, (uint64_t)families[i], 0), is_allowed ? SECCOMP_RET_ALLOW : NO_FAMILY);
      CHECK_EQUAL(answer(SYS_socketpair, (uint64_t)families[i], 0), i == 0 ? SECCOMP_RET_ALLOW : NO_FAMILY);
    }
  }
}

TEST(of_netlink_only_the_list_of_interfaces_goes_with_the_internet)
{
  for (uint64_t protocol = 0; protocol < 32; protocol++) {
    CHECK_EQUAL(sandbox_filter_build(&filter, FILTER_INET_SOCKETS, 0), 0);
    CHECK_EQUAL(answer_to(SYS_socket, AF_NETLINK, SOCK_RAW, protocol), protocol == 0 ? SECCOMP_RET_ALLOW : NO_FAMILY);
    CHECK_EQUAL(answer_to(SYS_socket, AF_VSOCK, SOCK_RAW, protocol), NO_FAMILY);
    CHECK_EQUAL(sandbox_filter_build(&filter, FILTER_UNIX_SOCKETS, 0), 0);
    CHECK_EQUAL(answer_to(SYS_socket, AF_NETLINK, SOCK_RAW, protocol), NO_FAMILY);
  }
}

TEST(memory_is_mapped_in_usual_pages)
{
  CHECK_EQUAL(sandbox_filter_build(&filter, 0, 0), 0);
  CHECK_EQUAL(answer_to_map(0x22), SECCOMP_RET_ALLOW); /* private, anonymous */
  CHECK_EQUAL(answer_to_map(0x40022), NO_MEMORY);
  CHECK_EQUAL(answer_to_map(1ull << 32 | 0x54040022), NO_MEMORY); /* of a size that is asked for */
  CHECK_EQUAL(answer(SYS_memfd_create, 0, 3), SECCOMP_RET_ALLOW);
  CHECK_EQUAL(answer(SYS_memfd_create, 0, 4), NO_MEMORY);
  CHECK_EQUAL(answer(SYS_memfd_create, 0, 1u << 30 | 5), NO_MEMORY);
}

TEST(bits_above_an_argument_of_32_do_not_hide_it)
{
  const uint64_t above = 1ull << 32;
  CHECK_EQUAL(sandbox_filter_build(&filter, FILTER_SHARED_SIGNALS | FILTER_SHARED_PIDS, OWN_PID), 0);
  CHECK_EQUAL(answer(SYS_ioctl, 0, 0x5412), REFUSED); /* TIOCSTI */
  CHECK_EQUAL(answer(SYS_ioctl, 0, above | 0x5412), REFUSED);
  CHECK_EQUAL(answer(SYS_ioctl, 0, 0x541c), REFUSED); /* TIOCLINUX */
  CHECK_EQUAL(answer(SYS_ioctl, 0, 0x5401), SECCOMP_RET_ALLOW);
  CHECK_EQUAL(answer(SYS_socket, above | AF_VSOCK, 0), NO_FAMILY);
  CHECK_EQUAL(answer(SYS_prlimit64, above | 1, 0), REFUSED);
  CHECK_EQUAL(answer(SYS_kill, above | 1, 9), REFUSED);
  CHECK_EQUAL(answer(SYS_clone, above | 0x10000000, 9), REFUSED);
}

TEST(of_processes_it_names_only_itself)
{
  const long calls[] = { SYS_prlimit64, SYS_sched_setaffinity, SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr };
  CHECK_EQUAL(sandbox_filter_build(&filter, FILTER_SHARED_PIDS, OWN_PID), 0);
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
    CHECK_EQUAL(answer(calls[i], 0, 0), SECCOMP_RET_ALLOW);
    CHECK_EQUAL(answer(calls[i], 1, 0), REFUSED);
  }
  for (uint64_t kind = 0; kind < 3; kind++) { /* process, group, user */
    CHECK_EQUAL(answer(SYS_setpriority, kind, 0), kind < 2 ? SECCOMP_RET_ALLOW : REFUSED);
    CHECK_EQUAL(answer(SYS_setpriority, kind, 1), REFUSED);
    CHECK_EQUAL(answer(SYS_ioprio_set, kind + 1, 0), kind < 2 ? SECCOMP_RET_ALLOW : REFUSED);
    CHECK_EQUAL(answer(SYS_ioprio_set, kind + 1, 1), REFUSED);
  }
  CHECK_EQUAL(answer(SYS_kill, 1, 9), SECCOMP_RET_ALLOW); /* a matter of the other case */
}

TEST(where_signals_are_shared_they_reach_its_own_group_only)
{
  CHECK_EQUAL(sandbox_filter_build(&filter, FILTER_SHARED_SIGNALS, OWN_PID), 0);
  CHECK_EQUAL(answer(SYS_kill, 0, 9), SECCOMP_RET_ALLOW);
  CHECK_EQUAL(answer(SYS_kill, OWN_PID, 9), SECCOMP_RET_ALLOW);
  CHECK_EQUAL(answer(SYS_kill, (uint64_t)-OWN_PID, 9), SECCOMP_RET_ALLOW);
  CHECK_EQUAL(answer(SYS_kill, (uint64_t)-1, 9), REFUSED);
  CHECK_EQUAL(answer(SYS_kill, OWN_PID + 1, 0), REFUSED);
  CHECK_EQUAL(answer(SYS_tgkill, OWN_PID, OWN_PID + 3), SECCOMP_RET_ALLOW);
  CHECK_EQUAL(answer(SYS_tgkill, 1, 1), REFUSED);
  CHECK_EQUAL(answer(SYS_fcntl, 3, 8), REFUSED);   /* F_SETOWN */
  CHECK_EQUAL(answer(SYS_fcntl, 3, 10), REFUSED);  /* F_SETSIG */
  CHECK_EQUAL(answer(SYS_fcntl, 3, 15), REFUSED);  /* F_SETOWN_EX */
  CHECK_EQUAL(answer(SYS_fcntl, 3, 4), SECCOMP_RET_ALLOW);
  CHECK_EQUAL(answer(SYS_ioctl, 3, 0x8901), REFUSED); /* FIOSETOWN */
  CHECK_EQUAL(answer(SYS_ioctl, 3, 0x8902), REFUSED); /* SIOCSPGRP */
}
