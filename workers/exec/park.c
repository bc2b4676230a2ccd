#include "park.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "fresh.h"
#include "io.h"
#include "order.h"
#include "stage.h"
#include "wire.h"

#define ORDER_FD 3

_Noreturn static void die_at(int error_fd, enum stage stage)
{
  struct setup_failure failure = { .stage = stage, .errnum = errno };
  (void)!write(error_fd, &failure, sizeof failure); /* below PIPE_BUF, so it arrives whole */
  _exit(126);
}

/* The keeper holds 0 to 2 open, so none of the descriptors given lies there. */
static int take_streams(const struct exec_park *park)
{
  if (dup2(park->input, 0) < 0 || dup2(park->output, 1) < 0 || dup2(park->error, 2) < 0) return -1;
  if (park->order == ORDER_FD) return 0; /* close-on-exec already */
  return dup3(park->order, ORDER_FD, O_CLOEXEC) < 0 ? -1 : 0;
}

void exec_park(const struct exec_park *park)
{
  /* Into the leaf first: memory is charged where it is first touched. */
  if (park->leaf_procs >= 0 && write(park->leaf_procs, "0", 1) < 0) die_at(park->error, STAGE_LEAF_ENTER);
  if (fresh_session() < 0) die_at(park->error, STAGE_SETSID);
  if (take_streams(park) < 0) die_at(park->error, STAGE_STDIO);
  if (fresh_descriptors(ORDER_FD + 1) < 0) die_at(2, STAGE_CLOSE_RANGE);
  if (fresh_death_signal(park->keeper) < 0) die_at(2, STAGE_DEATH_SIGNAL);
  if (fresh_signals() < 0) die_at(2, STAGE_SETSID);

  struct park_report ready = { .kind = PARK_READY, .pid = (uint32_t)getpid() };
  if (write_all(ORDER_FD, &ready, sizeof ready) < 0) die_at(2, STAGE_READY);
  order_run(ORDER_FD);
}
