/* The end of a task: its main process is reaped, the rest of its output read, END sent. */
#include "keeper.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define BLOCKED_LOOK_MS 10u

void send_end(struct keeper *keeper, struct slot *slot)
{
  struct call *call = &slot->call;
  struct task_end *end = &call->end;
  end->outcome = call->outcome;
  end->limit = call->limit;
  end->stdout_bytes = call->stdout_bytes;
  end->stderr_bytes = call->stderr_bytes;
  end->denials_told = call->denials.told;
  struct ring_part part = { end, sizeof *end };
  link_send(&keeper->link, RECORD_END, call->id, slot->index, slot->generation, &part, 1);
  keeper->answered_ns = now_ns();
}

/* A verdict needs proof: that the leaf's own count grew while the task ran. A signal alone may come from anybody, and
 * who was refused a fork and exits by itself has answered. */
static void judge(const struct keeper *keeper, struct call *call, uint32_t own_ooms)
{
  const struct task_end *end = &call->end;
  int was_killed = end->signal == SIGKILL || figures_oom_spares_others(keeper);
  if (call->outcome != OUTCOME_ANSWERED) return;
  if (was_killed && end->oom_kills > 0) call->limit = own_ooms > 0 ? LIMIT_MEMORY : LIMIT_TOTAL_MEMORY;
  else if (end->signal != 0 && end->pids_max_hits > 0) call->limit = LIMIT_PIDS;
  else return;
  call->outcome = OUTCOME_LIMIT_HIT;
}

void task_measure(const struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  struct call *call = &slot->call;
  struct task_end *end = &call->end;
  if (WIFSIGNALED(data->status)) end->signal = (uint32_t)WTERMSIG(data->status);
  else end->exit_code = (uint32_t)WEXITSTATUS(data->status);
  end->run_ns = now_ns() - call->started_ns;
  judge(keeper, call, figures_end(keeper, slot, end, data->usage));
}

static enum slot_state drain(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  slot->exit_status = data->status;
  task_measure(keeper, slot, data);
  input_close(keeper, slot);
  slot->due_ns = now_ns() + slot->call.start.output_grace_ms * NS_PER_MS;
  return SLOT_DRAINING;
}

/* Its report may still lie unread when its death is already known. */
static int has_declined(const struct slot *slot)
{
  struct park_report report;
  return recv(slot->order.fd, &report, sizeof report, MSG_DONTWAIT) == sizeof report && report.kind == PARK_DECLINED;
}

enum slot_state act_main_died(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  struct call *call = &slot->call;
  int declined = has_declined(slot);
  /* A call that is cancelled before its order was read must not be given to another worker: it ends here. */
  if (call->outcome == OUTCOME_ANSWERED && (declined || !order_was_read(slot))) {
    uint32_t why = declined ? NOT_STARTED_DECLINED : NOT_STARTED_GONE;
    send_not_started(keeper, slot, call->id, slot->generation, why);
    slot_release(keeper, slot);
    return SLOT_EMPTY;
  }
  /* Of a cancelled task nothing stays: what it forked while the signal went round has not had it. */
  if (call->outcome != OUTCOME_ANSWERED) task_kill(keeper, slot);
  return drain(keeper, slot, data);
}

enum slot_state act_killed_died(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  if (slot->has_run) task_kill(keeper, slot); /* what forked away between the sweep and its death is ours by now */
  if (slot->call.id != 0) return drain(keeper, slot, data);
  if (slot->has_run) return linger_or_release(keeper, slot);
  slot_release(keeper, slot);
  return SLOT_EMPTY;
}

enum slot_state act_drained(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  (void)data;
  send_end(keeper, slot);
  return linger_or_release(keeper, slot);
}

enum slot_state act_grace_over(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  (void)data;
  output_pump(keeper, slot);
  /* A slow client is no reason to cut an answer short; a killed task has none. */
  if (output_blocked(keeper, slot) && !slot->call.killed) slot->due_ns = now_ns() + BLOCKED_LOOK_MS * NS_PER_MS;
  else output_close(keeper, slot);
  return SLOT_DRAINING;
}
