#include "machine.h"

#include "keeper.h"

/* No cell may stay empty: test/native/keeper_table_test.c holds that. */
slot_action *const slot_table[SLOT_STATES][SLOT_INPUTS] = {
  [SLOT_EMPTY] = {
    [INPUT_BEGIN] = act_begin,
    [INPUT_READY] = act_nothing,
    [INPUT_FAILED] = act_nothing,
    [INPUT_DECLINED] = act_nothing,
    [INPUT_ORDER] = act_refuse,
    [INPUT_FINISHED] = act_nothing,
    [INPUT_DIED] = act_nothing,
    [INPUT_DUE] = act_nothing,
    [INPUT_CANCEL] = act_nothing,
    [INPUT_CAP] = act_nothing,
    [INPUT_OVER] = act_nothing,
    [INPUT_DRAINED] = act_nothing,
    [INPUT_RETIRE] = act_nothing,
    [INPUT_STRAY] = act_nothing,
  },
  [SLOT_STARTING] = {
    [INPUT_BEGIN] = act_nothing,
    [INPUT_READY] = act_announce,
    [INPUT_FAILED] = act_start_failed,
    [INPUT_DECLINED] = act_start_late, /* it has no order to decline */
    [INPUT_ORDER] = act_refuse,
    [INPUT_FINISHED] = act_nothing,
    [INPUT_DIED] = act_start_died,
    [INPUT_DUE] = act_start_late,
    [INPUT_CANCEL] = act_nothing,
    [INPUT_CAP] = act_nothing,
    [INPUT_OVER] = act_nothing,
    [INPUT_DRAINED] = act_start_drained,
    [INPUT_RETIRE] = act_nothing,     /* it is retired once it is parked */
    [INPUT_STRAY] = act_nothing,
  },
  [SLOT_PARKED] = {
    [INPUT_BEGIN] = act_nothing,
    [INPUT_READY] = act_retire, /* says it twice */
    [INPUT_FAILED] = act_retire,
    [INPUT_DECLINED] = act_retire,
    [INPUT_ORDER] = act_run,
    [INPUT_FINISHED] = act_nothing,
    [INPUT_DIED] = act_parked_died,
    [INPUT_DUE] = act_nothing,
    [INPUT_CANCEL] = act_nothing,
    [INPUT_CAP] = act_nothing,
    [INPUT_OVER] = act_nothing,
    [INPUT_DRAINED] = act_nothing, /* DIED follows */
    [INPUT_RETIRE] = act_retire,
    [INPUT_STRAY] = act_nothing,
  },
  [SLOT_RUNNING] = {
    [INPUT_BEGIN] = act_nothing,
    [INPUT_READY] = act_nothing,
    [INPUT_FAILED] = act_nothing,
    [INPUT_DECLINED] = act_decline,
    [INPUT_ORDER] = act_refuse,
    [INPUT_FINISHED] = act_finished,
    [INPUT_DIED] = act_main_died,
    [INPUT_DUE] = act_late,
    [INPUT_CANCEL] = act_cancel,
    [INPUT_CAP] = act_cap,
    [INPUT_OVER] = act_over,
    [INPUT_DRAINED] = act_nothing, /* a task may close its output and work on */
    [INPUT_RETIRE] = act_nothing,
    [INPUT_STRAY] = act_nothing,
  },
  [SLOT_KILLING] = {
    [INPUT_BEGIN] = act_nothing,
    [INPUT_READY] = act_nothing,
    [INPUT_FAILED] = act_nothing,
    [INPUT_DECLINED] = act_nothing,
    [INPUT_ORDER] = act_refuse,
    [INPUT_FINISHED] = act_nothing,
    [INPUT_DIED] = act_killed_died,
    [INPUT_DUE] = act_kill_again,
    [INPUT_CANCEL] = act_nothing, /* the first cause of an end is kept */
    [INPUT_CAP] = act_nothing,
    [INPUT_OVER] = act_nothing,
    [INPUT_DRAINED] = act_nothing,
    [INPUT_RETIRE] = act_nothing,
    [INPUT_STRAY] = act_nothing,
  },
  [SLOT_LEAVING] = {
    [INPUT_BEGIN] = act_nothing,
    [INPUT_READY] = act_nothing,
    [INPUT_FAILED] = act_nothing,
    [INPUT_DECLINED] = act_nothing,
    [INPUT_ORDER] = act_refuse,
    [INPUT_FINISHED] = act_nothing,
    [INPUT_DIED] = act_left,
    [INPUT_DUE] = act_not_leaving,
    [INPUT_CANCEL] = act_nothing, /* the answer is out */
    [INPUT_CAP] = act_nothing,
    [INPUT_OVER] = act_nothing,
    [INPUT_DRAINED] = act_nothing,
    [INPUT_RETIRE] = act_nothing,
    [INPUT_STRAY] = act_nothing,
  },
  [SLOT_DRAINING] = {
    [INPUT_BEGIN] = act_nothing,
    [INPUT_READY] = act_nothing,
    [INPUT_FAILED] = act_nothing,
    [INPUT_DECLINED] = act_nothing,
    [INPUT_ORDER] = act_refuse,
    [INPUT_FINISHED] = act_nothing,
    [INPUT_DIED] = act_nothing,
    [INPUT_DUE] = act_grace_over,
    [INPUT_CANCEL] = act_cancel_draining,
    [INPUT_CAP] = act_cap_draining,
    [INPUT_OVER] = act_nothing,
    [INPUT_DRAINED] = act_drained,
    [INPUT_RETIRE] = act_nothing,
    [INPUT_STRAY] = act_nothing,
  },
  [SLOT_LINGERING] = {
    [INPUT_BEGIN] = act_nothing,
    [INPUT_READY] = act_nothing,
    [INPUT_FAILED] = act_nothing,
    [INPUT_DECLINED] = act_nothing,
    [INPUT_ORDER] = act_refuse,
    [INPUT_FINISHED] = act_nothing,
    [INPUT_DIED] = act_nothing,
    [INPUT_DUE] = act_look_again,
    [INPUT_CANCEL] = act_nothing,
    [INPUT_CAP] = act_nothing,
    [INPUT_OVER] = act_nothing,
    [INPUT_DRAINED] = act_nothing,
    [INPUT_RETIRE] = act_evict,
    [INPUT_STRAY] = act_look_again,
  },
};

enum slot_state act_nothing(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  (void)keeper, (void)data;
  return slot->state;
}

void slot_input(struct keeper *keeper, struct slot *slot, enum slot_input input, const struct input_data *data)
{
  static const struct input_data nothing;
  slot->state = slot_table[slot->state][input](keeper, slot, data == NULL ? &nothing : data);
}
