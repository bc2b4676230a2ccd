/* The end of the keeper: nothing it ever started may live on. */
#include "keeper.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "cgroup.h"

#define REAP_TIMEOUT_MS 2000u /* what sleeps uninterruptibly dies by itself once it wakes: its kill is pending */
#define SWEEP_MS 20u

static void mark_descendants(struct tree *tree, void *context)
{
  const struct keeper *keeper = context;
  for (size_t i = 0; i < tree->count; i++)
    if (tree->processes[i].parent == keeper->pid) tree->processes[i].marked = 1;
}

static void kill_everything(struct keeper *keeper)
{
  for (uint32_t i = 0; i < keeper->options.slots; i++)
    if (keeper->slots[i].leaf_fd >= 0) (void)cgroup_kill(keeper->slots[i].leaf_fd);
  if (keeper->zygote_leaf_fd >= 0) (void)cgroup_kill(keeper->zygote_leaf_fd);
  (void)tree_kill(&keeper->tree, mark_descendants, keeper);
}

/* As the subreaper we are the parent of whatever loses its own: no child left means nothing left. */
void keeper_stop(struct keeper *keeper)
{
  uint64_t give_up_ns = now_ns() + REAP_TIMEOUT_MS * NS_PER_MS, sweep_ns = 0;
  for (;;) {
    uint64_t now = now_ns();
    if (now >= give_up_ns) break;
    if (now >= sweep_ns) {
      kill_everything(keeper);
      sweep_ns = now + SWEEP_MS * NS_PER_MS;
    }
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {}
    if (pid < 0) break;
    nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
  }
  for (uint32_t i = 0; i < keeper->options.slots; i++) {
    struct slot *slot = &keeper->slots[i];
    if (slot->call.id == 0) continue;
    /* Nobody cancelled it: it is us who end. */
    if (slot->call.outcome == OUTCOME_ANSWERED) slot->call.outcome = OUTCOME_CRASHED;
    slot->call.end.signal = SIGKILL;
    send_end(keeper, slot);
  }
  leaves_remove(keeper);
  protection_release(&keeper->protection);
}
