/* Attempts of a process to become more than it is. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostile.h"

#define SOMEBODY_ELSE 65533
#define I386_GETPID 20
#define X32_GETPID (0x40000000 + SYS_getpid)

static const char *raise_limit(char **args)
{
  (void)args;
  struct rlimit now;
  getrlimit(RLIMIT_CORE, &now);
  now.rlim_max = BYTES_MAX;
  return outcome(setrlimit(RLIMIT_CORE, &now));
}

static const char *raise_priority(char **args)
{
  (void)args;
  return outcome(setpriority(PRIO_PROCESS, 0, -20));
}

static const char *real_time(char **args)
{
  (void)args;
  return outcome(sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ 1 }));
}

static const char *lock_memory(char **args)
{
  (void)args;
  void *at = mmap(NULL, BYTES_MAX / 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return outcome(at == MAP_FAILED ? -1 : mlock(at, BYTES_MAX / 4));
}

static const char *other_user(char **args)
{
  (void)args;
  return outcome(setresuid(SOMEBODY_ELSE, SOMEBODY_ELSE, SOMEBODY_ELSE));
}

static const char *other_groups(char **args)
{
  (void)args;
  return outcome(setgroups(1, (gid_t[]){ 0 }));
}

static const char *all_capabilities(char **args)
{
  (void)args;
  struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct now[2], all[2];
  if (syscall(SYS_capget, &head, now) < 0) return outcome(-1);
  memcpy(all, now, sizeof all);
  all[0].effective |= 1u << CAP_CHOWN;
  all[0].permitted |= 1u << CAP_CHOWN;
  return outcome(syscall(SYS_capset, &head, all));
}

static const char *make_device(char **args)
{
  int result = mknod(args[0], S_IFCHR | 0600, makedev(1, 1)); /* the machine's memory */
  const char *got = outcome(result);
  if (result == 0) unlink(args[0]);
  return got;
}

static const char *who(char **args)
{
  (void)args;
  return geteuid() == getuid() ? "the same" : "the owner";
}

/* A setuid copy of ourselves, run as somebody else. */
static const char *setuid_copy(char **args)
{
  char self[4096];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length < 0) return outcome(-1);
  self[length] = 0;
  char command[9000];
  snprintf(command, sizeof command, "cp '%s' '%s' && chmod 4755 '%s'", self, args[0], args[0]);
  if (system(command) != 0) return "not copied";
  if (setresuid(SOMEBODY_ELSE, SOMEBODY_ELSE, SOMEBODY_ELSE) < 0) return outcome(-1);
  execl(args[0], args[0], "who", NULL);
  return outcome(-1);
}

/* Code without a file that anybody could look at. */
static const char *run_from_memory(char **args)
{
  (void)args;
  int from = open("/proc/self/exe", O_RDONLY), to = memfd_create("hostile", MFD_CLOEXEC);
  struct stat self;
  if (from < 0 || to < 0 || fstat(from, &self) < 0) return outcome(-1);
  if (syscall(SYS_sendfile, to, from, NULL, self.st_size) < 0) return outcome(-1);
  fexecve(to, (char *[]){ "hostile", "who", NULL }, environ);
  return outcome(-1);
}

static const char *clone_namespace(char **args)
{
  (void)args;
  long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  if (child > 0) waitpid((pid_t)child, NULL, 0);
  return outcome(child);
}

static const char *calls_of_i386(char **args)
{
  (void)args;
#if defined(__x86_64__)
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(I386_GETPID) : "memory", "r8", "r9", "r10", "r11");
  return result == getpid() ? "done" : "ENOSYS";
#else
  return "ENOSYS";
#endif
}

static const char *calls_of_x32(char **args)
{
  (void)args;
  return outcome(syscall(X32_GETPID));
}

static const char *dump_core(char **args)
{
  (void)args;
  abort();
}

static const char *environment(char **args) { return getenv(args[0]) ? "seen" : "absent"; }

const struct attack self_attacks[] = {
  { "raise-limit", raise_limit },
  { "raise-priority", raise_priority },
  { "real-time", real_time },
  { "lock-memory", lock_memory },
  { "other-user", other_user },
  { "other-groups", other_groups },
  { "all-capabilities", all_capabilities },
  { "make-device", make_device },
  { "who", who },
  { "setuid-copy", setuid_copy },
  { "run-from-memory", run_from_memory },
  { "clone-namespace", clone_namespace },
  { "calls-of-i386", calls_of_i386 },
  { "calls-of-x32", calls_of_x32 },
  { "dump-core", dump_core },
  { "environment", environment },
  { NULL, NULL },
};
