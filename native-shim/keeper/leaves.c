/* The pool's cgroup: `keeper` with ourselves, `zygote`, and a leaf `slot-N` for each slot. The pool's own group stays
 * empty, as the kernel wants of a group that hands out controllers. */
#include "keeper.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"

#define REMOVE_TIMEOUT_MS 100u

/* What cannot be written (a missing controller) is told once for each file; the daemon decides whether the pool may
 * live without it. */
static void set_limits(struct keeper *keeper, const struct slot *slot)
{
  const struct options *options = &keeper->options;
  for (unsigned i = 0; i < options->limit_count; i++) {
    const char *file = options->limits[i].file;
    int status = cgroup_write(leaf_folder(keeper, slot, file), file, options->limits[i].text);
    if (status == 0 || (keeper->limits_complained & 1u << i)) continue;
    keeper->limits_complained |= 1u << i;
    struct setup_failure failure = {
      .stage = STAGE_LEAF_LIMIT, .errnum = -status, .subject_bytes = (uint32_t)strlen(file)
    };
    struct ring_part parts[] = { { &failure, sizeof failure }, { file, failure.subject_bytes } };
    link_send(&keeper->link, RECORD_FAILURE, 0, slot->index, slot->generation, parts, 2);
  }
}

/* A zygote runs start-up code of the user's (sitecustomize, .pth files): it may take the memory of one task, no more. Not
 * its processes: those it forks for other leaves are here for a moment. With v1 it has no group of that controller. What
 * cannot be written is told by the first slot. */
static void set_zygote_limits(const struct keeper *keeper)
{
  const char memory[] = "memory.";
  if (keeper->options.controller_count > 0) return;
  for (unsigned i = 0; i < keeper->options.limit_count; i++) {
    const struct leaf_limit *limit = &keeper->options.limits[i];
    if (strncmp(limit->file, memory, sizeof memory - 1) == 0)
      (void)cgroup_write(keeper->zygote_leaf_fd, limit->file, limit->text);
  }
}

static void leaf_name(const struct slot *slot, char name[24]) { snprintf(name, 24, "slot-%u", slot->index); }

int leaf_folder(const struct keeper *keeper, const struct slot *slot, const char *file)
{
  size_t length = strcspn(file, ".");
  for (unsigned i = 0; i < keeper->options.controller_count; i++) {
    const char *name = keeper->options.controllers[i].name;
    if (strncmp(name, file, length) == 0 && name[length] == '\0') return slot->controller_fds[i];
  }
  return slot->leaf_fd;
}

static int leaf_open(struct keeper *keeper, struct slot *slot)
{
  if (slot->leaf_fd >= 0) return 0;
  char name[24];
  leaf_name(slot, name);
  for (unsigned i = 0; i < keeper->options.controller_count; i++) {
    if (slot->controller_fds[i] >= 0) continue;
    int fd = cgroup_make(keeper->options.controllers[i].fd, name);
    if (fd < 0) return fd;
    slot->controller_fds[i] = fd;
  }
  int fd = cgroup_make(keeper->options.cgroup_fd, name);
  if (fd < 0) return fd;
  slot->leaf_fd = fd;
  figures_open_peak(keeper, slot);
  return 0;
}

/* Several kernels (seen on 6.1 and 6.12) end whatever clone3 places in a group that cgroup.kill was ever written to: they
 * compare the group's count of kills with that of the parent's group. A new group has counted none. */
static int leaf_discard(struct keeper *keeper, struct slot *slot)
{
  char name[24];
  leaf_name(slot, name);
  int status = cgroup_remove(keeper->options.cgroup_fd, name, 0);
  for (unsigned i = 0; i < keeper->options.controller_count && status == 0; i++)
    status = cgroup_remove(keeper->options.controllers[i].fd, name, 0);
  if (status < 0) return status;
  for (unsigned i = 0; i < keeper->options.controller_count; i++) {
    close(slot->controller_fds[i]);
    slot->controller_fds[i] = -1;
  }
  if (slot->peak_fd >= 0) close(slot->peak_fd);
  close(slot->leaf_fd);
  slot->leaf_fd = slot->peak_fd = -1;
  slot->leaf_was_killed = 0;
  return 0;
}

int leaf_prepare(struct keeper *keeper, struct slot *slot)
{
  int is_worn = slot->leaf_fd >= 0 && (slot->leaf_was_killed || leaf_is_soiled(keeper, slot));
  int status = is_worn ? leaf_discard(keeper, slot) : 0;
  if (status < 0) return status;
  int is_new = slot->generation == 1 || slot->leaf_fd < 0;
  status = leaf_open(keeper, slot);
  if (status < 0) return status;
  if (is_new) set_limits(keeper, slot);
  figures_reset_peak(slot);
  return 0;
}

int leaf_adopt(const struct keeper *keeper, const struct slot *slot, pid_t pid)
{
  char text[16];
  snprintf(text, sizeof text, "%d", (int)pid);
  for (unsigned i = 0; i < keeper->options.controller_count; i++) {
    int status = cgroup_write(slot->controller_fds[i], "cgroup.procs", text);
    if (status < 0) return status;
  }
  return 0;
}

/* -EXDEV: it is elsewhere. */
static ssize_t prove_in(const struct slot *slot, pid_t pid, const char *controller, const char *pool_path, char *path,
                        size_t capacity)
{
  char expected[sizeof ((struct keeper *)0)->group_path + 24];
  snprintf(expected, sizeof expected, "%s/slot-%u", pool_path, slot->index);
  ssize_t length = cgroup_path_of(pid, controller, path, capacity);
  return length < 0 || strcmp(path, expected) == 0 ? length : -EXDEV;
}

ssize_t leaf_prove(const struct keeper *keeper, const struct slot *slot, pid_t pid, char *path, size_t capacity)
{
  for (unsigned i = 0; i < keeper->options.controller_count; i++) {
    ssize_t length =
      prove_in(slot, pid, keeper->options.controllers[i].name, keeper->controller_paths[i], path, capacity);
    if (length < 0) return length;
  }
  return prove_in(slot, pid, NULL, keeper->group_path, path, capacity);
}

/* Whether clone3 may place a child: Docker's filter says ENOSYS, an old kernel EINVAL. Asked once, of a child that does
 * nothing. */
static enum placement probe_placement(struct keeper *keeper)
{
  if (keeper->options.runtime == RUNTIME_PYTHON) return PLACEMENT_SELF_WRITE; /* an interpreter forks by its own libc */
  keeper->placement = PLACEMENT_CLONE_INTO;
  pid_t pid = fork_child(keeper, keeper->slots[0].leaf_fd);
  if (pid == 0) _exit(0);
  if (pid < 0) return PLACEMENT_SELF_WRITE;
  (void)waitpid(pid, NULL, 0);
  return PLACEMENT_CLONE_INTO;
}

/* Moves us out of the pool's group, and tells its path. */
static int enter_own_group(int pool_fd, const char *controller, char pool_path[1024])
{
  int own_fd = cgroup_make(pool_fd, "keeper");
  if (own_fd < 0) return own_fd;
  int status = cgroup_write(own_fd, "cgroup.procs", "0");
  close(own_fd);
  if (status < 0) return status;

  const size_t suffix_bytes = strlen("/keeper");
  ssize_t length = cgroup_path_of(0, controller, pool_path, 1024);
  if (length < 0) return (int)length;
  if ((size_t)length < suffix_bytes || strcmp(pool_path + length - suffix_bytes, "/keeper") != 0) return -EXDEV;
  pool_path[(size_t)length - suffix_bytes] = '\0';
  return 0;
}

int leaves_setup(struct keeper *keeper)
{
  int pool_fd = keeper->options.cgroup_fd;
  if (pool_fd < 0) return 0;
  int status = enter_own_group(pool_fd, NULL, keeper->group_path);
  for (unsigned i = 0; i < keeper->options.controller_count && status == 0; i++) {
    const struct controller *controller = &keeper->options.controllers[i];
    status = enter_own_group(controller->fd, controller->name, keeper->controller_paths[i]);
  }
  if (status < 0) return status;

  if (keeper->options.runtime == RUNTIME_PYTHON) {
    keeper->zygote_leaf_fd = cgroup_make(pool_fd, "zygote");
    if (keeper->zygote_leaf_fd < 0) return keeper->zygote_leaf_fd;
    set_zygote_limits(keeper);
  }
  status = leaf_open(keeper, &keeper->slots[0]);
  if (status < 0) return status;
  keeper->placement = probe_placement(keeper);
  return 0;
}

void leaves_remove(struct keeper *keeper)
{
  const struct options *options = &keeper->options;
  if (options->cgroup_fd < 0) return;
  for (uint32_t i = 0; i < options->slots; i++) {
    if (keeper->slots[i].leaf_fd < 0) continue;
    char name[24];
    leaf_name(&keeper->slots[i], name);
    (void)cgroup_remove(options->cgroup_fd, name, REMOVE_TIMEOUT_MS);
    for (unsigned c = 0; c < options->controller_count; c++)
      (void)cgroup_remove(options->controllers[c].fd, name, REMOVE_TIMEOUT_MS);
  }
  if (keeper->zygote_leaf_fd >= 0) (void)cgroup_remove(options->cgroup_fd, "zygote", REMOVE_TIMEOUT_MS);
}
