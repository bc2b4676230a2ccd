#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "kernel_numbers.h"
#include "sandbox.h"
#include "sys_call.h"

/* linux/landlock.h is older than the kernel in most places, so its layout and its bits stand here. */
struct ruleset {
  uint64_t handled_files;
  uint64_t handled_net;
  uint64_t scoped;
};
struct path_rule {
  uint64_t allowed;
  int32_t fd;
} __attribute__((packed));

#define CREATE_VERSION 1u
#define RULE_PATH 1

enum file_right {
  EXECUTE = 1 << 0,
  WRITE_FILE = 1 << 1,
  READ_FILE = 1 << 2,
  READ_DIR = 1 << 3,
  REMOVE_DIR = 1 << 4,
  REMOVE_FILE = 1 << 5,
  MAKE_CHAR = 1 << 6,
  MAKE_DIR = 1 << 7,
  MAKE_REG = 1 << 8,
  MAKE_SOCK = 1 << 9,
  MAKE_FIFO = 1 << 10,
  MAKE_BLOCK = 1 << 11,
  MAKE_SYM = 1 << 12,
  REFER = 1 << 13,     /* ABI 2; before it, rename and link between folders are refused everywhere */
  TRUNCATE = 1 << 14,  /* ABI 3 */
  IOCTL_DEV = 1 << 15, /* ABI 5 */
};

#define FILES_ABI_1 ((uint64_t)REFER - 1)
#define NET_BIND_AND_CONNECT_TCP 3u
#define SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS 3u

#define READS (READ_FILE | READ_DIR)
#define WRITES                                                                                                   \
  (WRITE_FILE | TRUNCATE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM | REFER)
/* The kernel refuses a rule that gives a file what only a folder can have. */
#define OF_A_FILE (EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE)

static uint64_t handled_files(int abi)
{
  uint64_t rights = FILES_ABI_1;
  if (abi >= 2) rights |= REFER;
  if (abi >= 3) rights |= TRUNCATE;
  if (abi >= 5) rights |= IOCTL_DEV; /* of devices opened from now on; given to none */
  return rights;
}

static uint64_t allowed_files(int abi, uint32_t rights)
{
  uint64_t allowed = 0;
  if (rights & SANDBOX_READ) allowed |= READS;
  if (rights & SANDBOX_EXECUTE) allowed |= EXECUTE;
  if (rights & SANDBOX_WRITE) allowed |= WRITES;
  return allowed & handled_files(abi);
}

int sandbox_landlock_abi(void)
{
  return (int)SYS6(NR_landlock_create_ruleset, NULL, 0, CREATE_VERSION, 0, 0, 0);
}

int sandbox_landlock_make(int abi, int is_tcp_denied)
{
  struct ruleset ruleset = { .handled_files = handled_files(abi) };
  if (abi >= 4 && is_tcp_denied) ruleset.handled_net = NET_BIND_AND_CONNECT_TCP;
  if (abi >= 6) ruleset.scoped = SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS;
  /* A kernel that knows less than three fields wants the rest to be zero, which it then is. */
  return (int)SYS6(NR_landlock_create_ruleset, &ruleset, sizeof ruleset, 0, 0, 0, 0);
}

static int allow_one(int ruleset, int abi, const struct sandbox_rule *rule)
{
  long fd = rule->fd;
  if (rule->path != NULL) fd = SYS6(SYS_openat, AT_FDCWD, rule->path, O_PATH | O_CLOEXEC, 0, 0, 0);
  if (rule->path != NULL && (fd == -ENOENT || fd == -ENOTDIR)) return 0;
  if (fd < 0) return (int)fd;
  struct stat status;
  long result = SYS6(SYS_fstat, fd, &status, 0, 0, 0, 0);
  struct path_rule given = { .allowed = allowed_files(abi, rule->rights), .fd = (int32_t)fd };
  if (result == 0 && !S_ISDIR(status.st_mode)) given.allowed &= OF_A_FILE;
  if (result == 0) result = SYS6(NR_landlock_add_rule, ruleset, RULE_PATH, &given, 0, 0, 0);
  if (rule->path != NULL) SYS6(SYS_close, fd, 0, 0, 0, 0, 0);
  return (int)result;
}

int sandbox_landlock_allow(int ruleset, int abi, const struct sandbox_rule *rules, size_t count, size_t *failed)
{
  for (size_t i = 0; i < count; i++) {
    *failed = i;
    int status = i < SANDBOX_RULES_MAX ? allow_one(ruleset, abi, &rules[i]) : -E2BIG;
    if (status < 0) return status;
  }
  return 0;
}

int sandbox_landlock_restrict(int ruleset)
{
  return (int)SYS6(NR_landlock_restrict_self, ruleset, 0, 0, 0, 0, 0);
}
