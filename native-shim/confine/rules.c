#include "rules.h"

#include "failure.h"
#include "layers.h"
#include "sandbox.h"
#include "sys.h"

#define READ_AND_RUN (SANDBOX_READ | SANDBOX_EXECUTE)

static const char *const devices[] = {
  "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
};

/* Of a /proc that others are seen in: no folder of a process but its own, and what runtimes ask about the machine. */
static const char *const shared_proc[] = {
  "/proc/self", "/proc/cpuinfo", "/proc/filesystems", "/proc/loadavg", "/proc/meminfo", "/proc/stat", "/proc/sys",
  "/proc/uptime", "/proc/version",
};

struct rule_list {
  size_t count;
  struct sandbox_rule rules[SANDBOX_RULES_MAX];
};

static void add(struct rule_list *list, const char *path, uint32_t rights)
{
  list->rules[list->count++] = (struct sandbox_rule){ .path = path, .rights = rights };
}

#define ADD_ALL(list, paths, rights) \
  for (size_t i = 0; i < sizeof(paths) / sizeof(paths)[0]; i++) add(list, (paths)[i], rights)

static void collect(const struct confine_options *options, struct rule_list *list)
{
  for (size_t i = 0; i < options->reads.count; i++) add(list, options->reads.paths[i], READ_AND_RUN);
  for (size_t i = 0; i < options->writes.count; i++) add(list, options->writes.paths[i], READ_AND_RUN | SANDBOX_WRITE);
  ADD_ALL(list, devices, SANDBOX_READ | SANDBOX_WRITE);
  if (has_layer(options, LAYER_PRIVATE_MOUNTS)) {
    add(list, "/tmp", READ_AND_RUN | SANDBOX_WRITE);
    add(list, "/dev/shm", SANDBOX_READ | SANDBOX_WRITE);
  }
  if (has_layer(options, LAYER_PROC)) add(list, "/proc", SANDBOX_READ);
  else ADD_ALL(list, shared_proc, SANDBOX_READ);
  if (options->is_program_open)
    list->rules[list->count++] = (struct sandbox_rule){ .fd = PROGRAM_FD, .rights = READ_AND_RUN };
}

void rules_enter(const struct confine_options *options, int abi)
{
  struct rule_list list = { .count = 0 };
  collect(options, &list);
  int ruleset = sandbox_landlock_make(abi, !options->has_network && !options->has_door);
  must(options, STAGE_LANDLOCK_RULESET, ruleset, "");
  size_t failed = 0;
  int status = sandbox_landlock_allow(ruleset, abi, list.rules, list.count, &failed);
  must(options, STAGE_LANDLOCK_RULE, status, list.rules[failed].path == NULL ? "" : list.rules[failed].path);
  must(options, STAGE_LANDLOCK_RESTRICT, sandbox_landlock_restrict(ruleset), "");
  sys_close(ruleset);
}

_Static_assert(2 * SANDBOX_PATHS_MAX + 32 <= SANDBOX_RULES_MAX, "room for what is given and for what is always there");
