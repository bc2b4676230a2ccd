#include "layers_enter.h"

#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>

#include "door.h"
#include "failure.h"
#include "filter.h"
#include "layers.h"
#include "outer.h"
#include "rules.h"
#include "sandbox.h"
#include "sys.h"
#include "view.h"

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif
#define SIGNALS_SCOPED_ABI 6 /* from it on Landlock keeps signals inside */

static const struct {
  enum sandbox_layer layer;
  uint64_t kind;
} namespaces[] = {
  { LAYER_MOUNT, CLONE_NEWNS }, { LAYER_IPC, CLONE_NEWIPC }, { LAYER_UTS, CLONE_NEWUTS },
  { LAYER_CGROUP, CLONE_NEWCGROUP }, { LAYER_NET, CLONE_NEWNET }, { LAYER_PID, CLONE_NEWPID },
};

static void must_enter(const struct confine_options *options, enum stage stage, int status, enum sandbox_layer layer)
{
  must(options, stage, status, sandbox_layer_name(layer));
}

void enter_user_namespace(const struct confine_options *options)
{
  struct sandbox_ids ids;
  must_enter(options, STAGE_USER_NAMESPACE, sandbox_unshare_user(&ids), LAYER_USER);
  must_enter(options, STAGE_ID_MAP, sandbox_map_ids(&ids), LAYER_USER);
}

void enter_namespaces(const struct confine_options *options)
{
  if (options->outer != OUTER_NONE) outer_enter(options);
  if (has_layer(options, LAYER_USER)) enter_user_namespace(options);
  for (size_t i = 0; i < sizeof namespaces / sizeof namespaces[0]; i++) {
    enum sandbox_layer layer = namespaces[i].layer;
    if (layer == LAYER_NET && options->outer != OUTER_NONE) continue;
    if (has_layer(options, layer)) must_enter(options, STAGE_NAMESPACE, sandbox_unshare(namespaces[i].kind), layer);
  }
}

static void close_descriptors(const struct confine_options *options, int first_closed)
{
  if (options->order_fd < 0 && !options->is_forked) sys_close(ORDER_FD);
  if (!options->is_program_open && !options->is_forked) sys_close(PROGRAM_FD);
  must_enter(options, STAGE_CLOSE_RANGE, sandbox_close_from(first_closed), LAYER_DESCRIPTORS);
}

static void drop_capabilities(const struct confine_options *options)
{
  int locked = sandbox_lock_privileges();
  /* Without CAP_SETPCAP the bounding set stays, which no_new_privs makes harmless. */
  if (locked != -EPERM) must_enter(options, STAGE_LOCK_PRIVILEGES, locked, LAYER_CAPABILITIES);
  must_enter(options, STAGE_DROP_CAPABILITIES, sandbox_drop_capabilities(), LAYER_CAPABILITIES);
}

static void load_filter(const struct confine_options *options, int landlock_abi)
{
  uint32_t cases = options->has_network || options->has_door ? FILTER_INET_SOCKETS : 0;
  int has_own_pids = has_layer(options, LAYER_PID);
  if (!has_own_pids) cases |= FILTER_SHARED_PIDS;
  if (!has_own_pids && landlock_abi < SIGNALS_SCOPED_ABI) cases |= FILTER_SHARED_SIGNALS;
  if (!has_layer(options, LAYER_IPC)) cases |= FILTER_SHARED_IPC;
  struct sandbox_filter filter;
  must_enter(options, STAGE_FILTER_BUILD, sandbox_filter_build(&filter, cases, (uint32_t)sys_pid()), LAYER_SECCOMP);
  must_enter(options, STAGE_FILTER_LOAD, sandbox_filter_load(&filter), LAYER_SECCOMP);
}

/* Of each layer that others stand on, one thing that it must have brought about. */
static void prove(const struct confine_options *options)
{
  const struct {
    enum sandbox_layer layer;
    int holds;
  } seen[] = {
    { LAYER_PID, sys_pid() == 1 },
    { LAYER_NO_NEW_PRIVS, SYS6(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0, 0) == 1 },
    { LAYER_LANDLOCK, sys_open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) == -EACCES },
    { LAYER_SECCOMP, SYS6(SYS_ptrace, PTRACE_DETACH, -1, 0, 0, 0, 0) == -EPERM }, /* of nobody the kernel says ESRCH */
  };
  for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++)
    if (has_layer(options, seen[i].layer) && !seen[i].holds)
      fail_at(options, STAGE_PROOF, 0, sandbox_layer_name(seen[i].layer));
}

void enter_rest(const struct confine_options *options, int first_closed)
{
  if (options->has_door) door_open(options);
  view_enter(options);
  if (has_layer(options, LAYER_KEYRING)) must_enter(options, STAGE_KEYRING, sandbox_new_keyring(), LAYER_KEYRING);
  if (has_layer(options, LAYER_RLIMITS))
    must_enter(options, STAGE_RLIMIT, sandbox_lower_rlimits(sandbox_rlimits, sandbox_rlimit_count), LAYER_RLIMITS);
  if (has_layer(options, LAYER_DESCRIPTORS)) close_descriptors(options, first_closed);
  if (has_layer(options, LAYER_NO_NEW_PRIVS))
    must_enter(options, STAGE_NO_NEW_PRIVS, sandbox_no_new_privs(), LAYER_NO_NEW_PRIVS);
  if (has_layer(options, LAYER_CAPABILITIES)) drop_capabilities(options);
  int abi = has_layer(options, LAYER_LANDLOCK) ? sandbox_landlock_abi() : 0;
  must_enter(options, STAGE_LANDLOCK_VERSION, abi, LAYER_LANDLOCK);
  if (abi > 0) rules_enter(options, abi);
  if (has_layer(options, LAYER_SECCOMP)) load_filter(options, abi);
  prove(options);
}
