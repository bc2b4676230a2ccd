/* Descendants that outlive their task. With a leaf, the leaf knows them. Without, the keeper does: as the subreaper it
 * adopts every process whose parent ends, so whatever lives on of a task has at least one process among our direct
 * children: a stray. Whose stray it is, its session tells, or the pipes it holds, or that only one task was running; a
 * stray that left its session while several ran belongs to nobody and ends with the pool. */
#include "keeper.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"

#define LOOK_FIRST_MS 5u
#define LOOK_MAX_MS 1000u
#define LINGERING_MAX 64u
#define CHILDREN_MAX 4096u
#define OWNER_UNKNOWN (-1)
#define OWNER_STARTING (-2) /* no stray: on its way to park */

static struct stray *find_stray(struct keeper *keeper, pid_t pid)
{
  for (size_t i = 0; i < keeper->stray_count; i++)
    if (keeper->strays[i].pid == pid) return &keeper->strays[i];
  return NULL;
}

static int is_known(struct keeper *keeper, pid_t pid)
{
  if (pid == keeper->zygote.pid || find_stray(keeper, pid) != NULL) return 1;
  for (uint32_t i = 0; i < keeper->options.slots; i++)
    if (keeper->slots[i].pid == pid) return 1;
  return 0;
}

static int owner_by_session(const struct keeper *keeper, pid_t session)
{
  if (session == keeper->zygote.pid) return OWNER_STARTING;
  for (uint32_t i = 0; i < keeper->options.slots; i++)
    if (keeper->slots[i].state != SLOT_EMPTY && keeper->slots[i].session == session) return (int)i;
  for (size_t i = 0; i < keeper->stray_count; i++)
    if (keeper->strays[i].session == session) return keeper->strays[i].owner;
  return OWNER_UNKNOWN;
}

static int owner_by_pipes(const struct keeper *keeper, pid_t pid)
{
  for (int fd = 0; fd <= 2; fd++) {
    char name[48], target[48];
    snprintf(name, sizeof name, "/proc/%d/fd/%d", (int)pid, fd);
    ssize_t length = readlink(name, target, sizeof target - 1);
    if (length < 0) continue;
    target[length] = '\0';
    unsigned long inode;
    if (sscanf(target, "pipe:[%lu]", &inode) != 1) continue;
    for (uint32_t i = 0; i < keeper->options.slots; i++) {
      const struct slot *slot = &keeper->slots[i];
      if (slot->state == SLOT_EMPTY) continue;
      for (int end = 0; end < 3; end++)
        if (slot->pipe_inodes[end] == inode) return slot->state == SLOT_STARTING ? OWNER_STARTING : (int)i;
    }
  }
  return OWNER_UNKNOWN;
}

static int others_run(const struct keeper *keeper, const struct slot *asking)
{
  for (uint32_t i = 0; i < keeper->options.slots; i++) {
    const struct slot *slot = &keeper->slots[i];
    if (slot != asking && slot->has_run && slot->state != SLOT_EMPTY) return 1;
  }
  return 0;
}

static void drop_dead_strays(struct keeper *keeper)
{
  size_t kept = 0;
  for (size_t i = 0; i < keeper->stray_count; i++)
    if (!keeper->strays[i].dead) keeper->strays[kept++] = keeper->strays[i];
  keeper->stray_count = kept;
}

/* Direct children we cannot name, or 1 where the kernel does not list children: then the whole table must be read. */
static int has_unknown_children(struct keeper *keeper)
{
  static pid_t children[CHILDREN_MAX];
  ssize_t count = tree_children(keeper->children_fd, children, CHILDREN_MAX);
  if (count < 0 || count > (ssize_t)CHILDREN_MAX) return 1;
  for (ssize_t i = 0; i < count; i++)
    if (!is_known(keeper, children[i])) return 1;
  return 0;
}

void strays_claim(struct keeper *keeper, struct slot *slot)
{
  if (has_unknown_children(keeper) && tree_read(&keeper->tree) == 0) {
    for (size_t i = 0; i < keeper->tree.count && keeper->stray_count < STRAYS_MAX; i++) {
      const struct tree_process *process = &keeper->tree.processes[i];
      if (process->parent != keeper->pid || is_known(keeper, process->pid)) continue;
      int owner = owner_by_session(keeper, process->session);
      if (owner == OWNER_UNKNOWN) owner = owner_by_pipes(keeper, process->pid);
      if (owner == OWNER_STARTING) continue;
      if (owner == OWNER_UNKNOWN && !others_run(keeper, slot)) owner = (int)slot->index;
      keeper->strays[keeper->stray_count++] =
        (struct stray){ .pid = process->pid, .session = process->session, .owner = owner };
    }
  }
  drop_dead_strays(keeper);
}

void strays_forget(struct keeper *keeper, pid_t pid)
{
  struct stray *stray = find_stray(keeper, pid);
  if (stray != NULL) *stray = keeper->strays[--keeper->stray_count];
}

/* Kept until the next claim: its own children, ours from now on, are recognised by its session. */
void stray_reaped(struct keeper *keeper, pid_t pid)
{
  struct stray *stray = find_stray(keeper, pid);
  if (stray != NULL) stray->dead = 1;
}

static int task_lives(struct keeper *keeper, struct slot *slot)
{
  if (slot->leaf_fd >= 0) return cgroup_populated(slot->leaf_fd) == 1;
  strays_claim(keeper, slot);
  for (size_t i = 0; i < keeper->stray_count; i++)
    if (keeper->strays[i].owner == (int)slot->index) return 1;
  return 0;
}

static void send_lingering(struct keeper *keeper, const struct slot *slot, int status)
{
  struct gone gone = { .pid = (uint32_t)slot->session, .exit_status = status };
  struct ring_part part = { &gone, sizeof gone };
  link_send(&keeper->link, RECORD_LINGERING, 0, slot->index, slot->generation, &part, 1);
}

enum slot_state linger_or_release(struct keeper *keeper, struct slot *slot)
{
  /* Above contained nothing outlives the reply, and nothing a worker that another takes the place of. */
  int condemned = slot->call.killed || slot->call.is_resident || is_confined(keeper);
  slot_release(keeper, slot);
  if (!task_lives(keeper, slot)) return SLOT_EMPTY;
  if (condemned) task_kill(keeper, slot);
  slot->lingering_condemned = condemned;
  slot->lingering_since_ns = now_ns();
  /* Not announced yet: what ends with its parent takes a moment to be gone. */
  slot->due_ns = slot->lingering_since_ns + LOOK_FIRST_MS * NS_PER_MS;
  return SLOT_LINGERING;
}

enum slot_state act_look_again(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  (void)data;
  if (!task_lives(keeper, slot)) {
    if (slot->lingering_announced) send_lingering(keeper, slot, -1);
    slot->due_ns = NEVER;
    return SLOT_EMPTY;
  }
  uint64_t now = now_ns();
  if (now < slot->due_ns) return SLOT_LINGERING;
  if (slot->lingering_condemned) {
    task_kill(keeper, slot);
    slot->due_ns = now + REKILL_MS * NS_PER_MS;
    return SLOT_LINGERING;
  }
  if (!slot->lingering_announced) send_lingering(keeper, slot, slot->exit_status);
  slot->lingering_announced = 1;
  unsigned wait_ms = slot->lingering_looks < 8 ? LOOK_FIRST_MS << slot->lingering_looks++ : LOOK_MAX_MS;
  slot->due_ns = now + wait_ms * NS_PER_MS;
  return SLOT_LINGERING;
}

enum slot_state act_evict(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  (void)data;
  slot->lingering_condemned = 1;
  task_kill(keeper, slot);
  slot->due_ns = now_ns() + REKILL_MS * NS_PER_MS;
  return SLOT_LINGERING;
}

/* A quarter of the slots, and at least one, stays for work. */
void linger_bound(struct keeper *keeper)
{
  uint32_t slots = keeper->options.slots, share = slots * 3 / 4, count = 0;
  struct slot *oldest = NULL;
  for (uint32_t i = 0; i < slots; i++) {
    struct slot *slot = &keeper->slots[i];
    if (slot->state != SLOT_LINGERING || slot->lingering_condemned) continue;
    count++;
    if (oldest == NULL || slot->lingering_since_ns < oldest->lingering_since_ns) oldest = slot;
  }
  if (count > (share < LINGERING_MAX ? share : LINGERING_MAX)) slot_input(keeper, oldest, INPUT_RETIRE, NULL);
}
