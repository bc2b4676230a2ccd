/* The slot table: no empty cell, and the transitions that the promises hang on. Actions are replaced by names. */
#include "harness.h"
#include "keeper.h"

extern slot_action *const slot_table[SLOT_STATES][SLOT_INPUTS];

#define STAND_IN(name)                                                                                         \
  enum slot_state name(struct keeper *keeper, struct slot *slot, const struct input_data *data)                \
  {                                                                                                            \
    (void)keeper, (void)data;                                                                                  \
    return slot->state;                                                                                        \
  }
STAND_IN(act_begin) STAND_IN(act_announce) STAND_IN(act_start_failed) STAND_IN(act_start_died) STAND_IN(act_start_drained) STAND_IN(act_start_late)
STAND_IN(act_parked_died) STAND_IN(act_retire) STAND_IN(act_run) STAND_IN(act_refuse) STAND_IN(act_decline)
STAND_IN(act_main_died) STAND_IN(act_killed_died) STAND_IN(act_drained) STAND_IN(act_grace_over) STAND_IN(act_late)
STAND_IN(act_cancel) STAND_IN(act_cancel_draining) STAND_IN(act_cap) STAND_IN(act_cap_draining) STAND_IN(act_over)
STAND_IN(act_kill_again) STAND_IN(act_finished) STAND_IN(act_left) STAND_IN(act_not_leaving) STAND_IN(act_look_again) STAND_IN(act_evict)

TEST(every_state_answers_every_input)
{
  for (int state = 0; state < SLOT_STATES; state++)
    for (int input = 0; input < SLOT_INPUTS; input++) CHECK(slot_table[state][input] != NULL);
}

TEST(only_a_parked_process_takes_an_order_and_every_other_state_says_so)
{
  for (int state = 0; state < SLOT_STATES; state++)
    CHECK(slot_table[state][INPUT_ORDER] == (state == SLOT_PARKED ? act_run : act_refuse));
}

TEST(a_death_is_never_overlooked_while_there_is_a_process)
{
  const enum slot_state with_process[] = { SLOT_STARTING, SLOT_PARKED, SLOT_RUNNING, SLOT_KILLING,
                                           SLOT_LEAVING };
  for (unsigned i = 0; i < sizeof with_process / sizeof *with_process; i++)
    CHECK(slot_table[with_process[i]][INPUT_DIED] != act_nothing);
}

TEST(a_process_is_begun_in_an_empty_slot_only)
{
  for (int state = 0; state < SLOT_STATES; state++)
    CHECK((slot_table[state][INPUT_BEGIN] == act_begin) == (state == SLOT_EMPTY));
}

TEST(a_condemned_task_keeps_its_first_cause)
{
  CHECK(slot_table[SLOT_KILLING][INPUT_CANCEL] == act_nothing);
  CHECK(slot_table[SLOT_KILLING][INPUT_CAP] == act_nothing);
  CHECK(slot_table[SLOT_KILLING][INPUT_OVER] == act_nothing);
}

TEST(only_a_running_task_can_use_too_much)
{
  for (int state = 0; state < SLOT_STATES; state++)
    CHECK((slot_table[state][INPUT_OVER] == act_over) == (state == SLOT_RUNNING));
}

TEST(only_a_running_task_can_say_that_it_is_finished)
{
  for (int state = 0; state < SLOT_STATES; state++)
    CHECK((slot_table[state][INPUT_FINISHED] == act_finished) == (state == SLOT_RUNNING));
}

TEST(an_input_acts_and_enters_the_next_state)
{
  struct slot slot = { .state = SLOT_LINGERING };
  slot_input(NULL, &slot, INPUT_BEGIN, NULL);
  CHECK_EQUAL(slot.state, SLOT_LINGERING);
}
