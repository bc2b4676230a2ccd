/* supervisor-parked: a process of the exec runtime, set up and waiting for the one order that makes it a program. The keeper
 * forks it, gives it its session, its streams, its order socket as descriptor 3, and executes this file.
 *
 * A program of its own, without libc, since the caller waits for the execve that ends it: the kernel takes down one small
 * address space then, and not a copy of the keeper's. For the same reason all that can be known before the order comes is
 * looked up here, and the memory for a usual order is touched. */
#include <linux/prctl.h>

#include "apply.h"
#include "order.h"
#include "order_read.h"
#include "sys.h"
#include "wire.h"

_Noreturn __attribute__((used)) void client_start(long *stack)
{
  (void)stack;
  SYS6(SYS_prctl, PR_SET_NAME, "supervisor-park", 0, 0, 0, 0);
  /* The environment of the call must not lie open before it is that of the program: then it is the program's to show. */
  SYS6(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0, 0);

  sys_fcntl(ORDER_FD, F_SETFD, FD_CLOEXEC); /* it must not reach the program, which could speak for us */

  struct own_state own;
  unsigned char room[ORDER_ROOM_BYTES];
  own_state_read(&own);
  for (size_t at = 0; at < sizeof room; at += 4096) ((volatile unsigned char *)room)[at] = 0;

  struct park_report ready = { .kind = PARK_READY, .pid = (uint32_t)sys_pid() };
  if (sys_write(ORDER_FD, &ready, sizeof ready) != sizeof ready) sys_exit(0);
  order_run(room, &own);
}

SYS_START;
