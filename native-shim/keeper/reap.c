/* Dead children: main processes, the zygote, strays. */
#include "keeper.h"

#include <sys/wait.h>

static struct slot *slot_of(struct keeper *keeper, pid_t pid)
{
  for (uint32_t i = 0; i < keeper->options.slots; i++)
    if (keeper->slots[i].pid == pid) return &keeper->slots[i];
  return NULL;
}

static void main_reaped(struct keeper *keeper, struct slot *slot, int status, const struct rusage *usage)
{
  slot->pid = 0; /* may be somebody else's from now on: never to be signalled again */
  if (!slot->has_run || !WIFEXITED(status)) outer_drop(slot);
  slot_input(keeper, slot, INPUT_DIED, &(struct input_data){ .status = status, .usage = usage });
  output_settle(keeper, slot);
}

void keeper_finished(struct keeper *keeper, pid_t pid, int exit_code)
{
  struct slot *slot = pid > 0 ? slot_of(keeper, pid) : NULL;
  if (slot == NULL || exit_code < 0 || exit_code > 255) return;
  slot_input(keeper, slot, INPUT_FINISHED, &(struct input_data){ .status = exit_code << 8 });
  output_settle(keeper, slot);
}

void keeper_reap(struct keeper *keeper)
{
  int status, strays_ended = 0;
  struct rusage usage;
  pid_t pid;
  while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
    struct slot *slot = slot_of(keeper, pid);
    if (slot != NULL) {
      main_reaped(keeper, slot, status, &usage);
    } else if (pid == keeper->zygote.pid) {
      zygote_died(keeper, status);
    } else {
      stray_reaped(keeper, pid);
      strays_ended = 1;
    }
  }
  for (uint32_t i = 0; i < keeper->options.slots && strays_ended; i++)
    if (keeper->slots[i].state == SLOT_LINGERING) slot_input(keeper, &keeper->slots[i], INPUT_STRAY, NULL);
}
