/* Ending a task that does not end: deadline, cancel, cap. The first cause is the one that is told. */
#include "keeper.h"

#include <signal.h>

#include "cgroup.h"

/* Only what we have not reaped: its number cannot be anybody else's. Every other process of the task descends from the
 * main process or from a stray. */
static void mark_roots(struct tree *tree, void *context)
{
  const struct slot *slot = ((void **)context)[0];
  const struct keeper *keeper = ((void **)context)[1];
  if (slot->pid != 0) tree_mark(tree, slot->pid);
  for (size_t i = 0; i < keeper->stray_count; i++) {
    if (keeper->strays[i].owner == (int)slot->index) tree_mark(tree, keeper->strays[i].pid);
  }
}

void task_mark(struct keeper *keeper, const struct slot *slot)
{
  for (size_t i = 0; i < keeper->tree.count; i++) keeper->tree.processes[i].marked = 0;
  mark_roots(&keeper->tree, (void *[]){ (void *)slot, keeper });
  tree_mark_closure(&keeper->tree);
}

void task_kill(struct keeper *keeper, struct slot *slot)
{
  slot->call.killed = 1;
  if (slot->leaf_fd >= 0) {
    (void)cgroup_kill(slot->leaf_fd);
    slot->leaf_was_killed = 1;
  } else {
    strays_claim(keeper, slot);
    (void)tree_kill(&keeper->tree, mark_roots, (void *[]){ slot, keeper });
  }
  if (slot->pid != 0) (void)kill(slot->pid, SIGKILL); /* whatever a process table or a cgroup file did not show */
}

static void task_signal(struct keeper *keeper, struct slot *slot, int signal)
{
  if (slot->leaf_fd >= 0) {
    (void)cgroup_signal(slot->leaf_fd, signal);
    return;
  }
  strays_claim(keeper, slot);
  if (tree_read(&keeper->tree) < 0) return;
  task_mark(keeper, slot);
  (void)tree_signal(&keeper->tree, signal);
}

static enum slot_state condemn(struct keeper *keeper, struct slot *slot, uint32_t outcome, uint32_t limit)
{
  struct call *call = &slot->call;
  if (call->outcome == OUTCOME_ANSWERED) {
    call->outcome = outcome;
    call->limit = limit;
  }
  task_kill(keeper, slot);
  input_close(keeper, slot);
  uint64_t now = now_ns();
  slot->due_ns = now + REKILL_MS * NS_PER_MS;
  call->give_up_ns = now + KILL_GIVE_UP_MS * NS_PER_MS;
  return SLOT_KILLING;
}

enum slot_state act_late(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  (void)data;
  /* Or the end of a cancel's grace: then the cause is known already, and stays. */
  return condemn(keeper, slot, OUTCOME_TIMED_OUT, LIMIT_NONE);
}

enum slot_state act_cap(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  (void)data;
  return condemn(keeper, slot, OUTCOME_LIMIT_HIT, LIMIT_OUTPUT);
}

enum slot_state act_over(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  return condemn(keeper, slot, OUTCOME_LIMIT_HIT, data->limit);
}

enum slot_state act_cancel(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  if (data->signal == SIGKILL) return condemn(keeper, slot, OUTCOME_CANCELLED, LIMIT_NONE);
  if (slot->call.outcome == OUTCOME_ANSWERED) {
    uint64_t kill_ns = now_ns() + slot->call.start.cancel_grace_ms * NS_PER_MS;
    if (kill_ns < slot->due_ns) slot->due_ns = kill_ns;
    slot->call.outcome = OUTCOME_CANCELLED;
  }
  task_signal(keeper, slot, (int)data->signal);
  return SLOT_RUNNING;
}

/* The answer is known, but whoever it was for has left: no more waiting for the rest of the output. */
enum slot_state act_cancel_draining(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  (void)data;
  if (slot->call.outcome == OUTCOME_ANSWERED) slot->call.outcome = OUTCOME_CANCELLED;
  task_kill(keeper, slot);
  output_close(keeper, slot);
  return SLOT_DRAINING;
}

enum slot_state act_cap_draining(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  (void)data;
  if (slot->call.outcome == OUTCOME_ANSWERED) {
    slot->call.outcome = OUTCOME_LIMIT_HIT;
    slot->call.limit = LIMIT_OUTPUT;
  }
  task_kill(keeper, slot);
  output_close(keeper, slot);
  return SLOT_DRAINING;
}

enum slot_state act_kill_again(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  (void)data;
  uint64_t now = now_ns();
  slot->due_ns = now + REKILL_MS * NS_PER_MS;
  if (!slot->has_run) {
    (void)kill(slot->pid, SIGKILL);
    return SLOT_KILLING;
  }
  task_kill(keeper, slot);
  if (slot->call.id != 0 && now >= slot->call.give_up_ns) {
    slot->call.end.signal = SIGKILL;
    slot->call.end.run_ns = now - slot->call.started_ns;
    (void)figures_end(keeper, slot, &slot->call.end, NULL);
    output_pump(keeper, slot);
    output_close(keeper, slot);
    send_end(keeper, slot);
    call_clear(slot);
  }
  return SLOT_KILLING;
}
