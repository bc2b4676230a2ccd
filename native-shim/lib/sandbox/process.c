#include <errno.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "sandbox.h"
#include "sys_call.h"

#define CAPABILITIES_MAX 64

#ifndef SECBIT_NO_CAP_AMBIENT_RAISE
#define SECBIT_NO_CAP_AMBIENT_RAISE (1 << 6)
#define SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED (1 << 7)
#endif

/* Being or becoming uid 0 gives no capability, now and for ever. */
#define LOCKED_BITS                                                                                              \
  (SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |               \
   SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

/* A hook's crash fills no disk, its memory stays in reach of the limits, no queue outlives it, and it runs at nobody's
 * cost. An unlimited stack would also lay out every address space of the hook in another way. */
const struct sandbox_rlimit sandbox_rlimits[] = {
  { RLIMIT_CORE, 0 },          { RLIMIT_MEMLOCK, 0 },         { RLIMIT_MSGQUEUE, 0 },     { RLIMIT_NICE, 0 },
  { RLIMIT_RTPRIO, 0 },        { RLIMIT_STACK, 64ull << 20 }, { RLIMIT_NOFILE, 1 << 16 }, { RLIMIT_SIGPENDING, 1 << 12 },
};
const size_t sandbox_rlimit_count = sizeof sandbox_rlimits / sizeof sandbox_rlimits[0];

static long control(int option, unsigned long a, unsigned long b)
{
  return SYS6(SYS_prctl, option, a, b, 0, 0, 0);
}

int sandbox_new_keyring(void)
{
  long serial = SYS6(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0, 0);
  return serial < 0 ? (int)serial : 0;
}

int sandbox_no_new_privs(void)
{
  return (int)control(PR_SET_NO_NEW_PRIVS, 1, 0);
}

int sandbox_lock_privileges(void)
{
  long status = control(PR_SET_SECUREBITS, LOCKED_BITS, 0);
  for (int capability = 0; status >= 0 && capability < CAPABILITIES_MAX; capability++) {
    if (control(PR_CAPBSET_READ, (unsigned long)capability, 0) < 0) break; /* the kernel knows no more */
    status = control(PR_CAPBSET_DROP, (unsigned long)capability, 0);
  }
  return (int)status;
}

int sandbox_drop_capabilities(void)
{
  struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
  struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { { 0 } };
  long status = SYS6(SYS_capset, &header, sets, 0, 0, 0, 0); /* the ambient set goes with the permitted one */
  if (status < 0) return (int)status;
  status = SYS6(SYS_capget, &header, sets, 0, 0, 0, 0);
  if (status < 0) return (int)status;
  uint32_t left = 0;
  for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) left |= sets[i].effective | sets[i].permitted | sets[i].inheritable;
  return left == 0 ? 0 : -EPERM;
}

int sandbox_lower_rlimits(const struct sandbox_rlimit *limits, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    struct { uint64_t soft, hard; } now;
    long status = SYS6(SYS_prlimit64, 0, limits[i].resource, NULL, &now, 0, 0);
    if (status < 0) return (int)status;
    if (now.soft > limits[i].max) now.soft = limits[i].max;
    if (now.hard > limits[i].max) now.hard = limits[i].max;
    status = SYS6(SYS_prlimit64, 0, limits[i].resource, &now, NULL, 0, 0);
    if (status < 0) return (int)status;
  }
  return 0;
}
