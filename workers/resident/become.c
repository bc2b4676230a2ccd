/* For resident.so: how a process that a zygote has forked waits for its order, and becomes the worker that it asks for. What
 * supervisor-parked does before it executes a program, and supervisor-confine before that; its memory is kept. */
#include "become.h"

#include <sys/prctl.h>

#include "apply.h"
#include "failure.h"
#include "forked.h"
#include "order_read.h"
#include "sys.h"
#include "text.h"

#define ROOM_BYTES (1024u * 1024) /* a greater order leaves mappings behind */
#define OPTIONS_AT 2              /* after interpreter and program */

_Noreturn static void cannot_become(int status)
{
  struct line line;
  line_start(&line);
  line_add(&line, "it cannot become what it was ordered to: errno ");
  line_add_number(&line, -status);
  line_add(&line, "\n");
  (void)write_all(2, line.bytes, line.length);
  sys_exit(EXIT_NOT_CONFINED); /* another start may do, by executing */
}

static void must_become(long status)
{
  if (status < 0) cannot_become((int)status);
}

/* The words after `--`; NULL: there is none, or nothing after it. */
static char **words_of(const struct order *order)
{
  if (order->head.argc <= OPTIONS_AT) return NULL;
  for (char **at = order->argv + OPTIONS_AT; *at != NULL; at++)
    if (text_equal(*at, "--")) return at[1] == NULL ? NULL : at + 1;
  return NULL;
}

static void take_on(struct order *order, int is_confined)
{
  struct order_folder folder;
  struct own_state own;
  /* As after an execve. Else /proc/self belongs to root: its descriptors, its list of memory, and the map of user ids. */
  SYS6(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0, 0);
  if (is_confined) {
    must_become(order_folder(order->fds.cwd, &folder));
  } else {
    must_become(SYS6(SYS_fchdir, order->fds.cwd, 0, 0, 0, 0, 0));
    sys_close(order->fds.cwd);
  }
  must_become(order_place_peer_ends(&order->fds, O_CLOEXEC));
  sys_close(order->fds.ring);
  sys_close(order->fds.socket);
  if (is_confined) {
    confine_forked(order->argv + OPTIONS_AT);
    must_become(order_folder_enter(&folder));
  }
  own_state_read(&own);
  must_become(apply_inherited(&order->head.inherited, &own, is_confined));
  SYS6(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0, 0); /* the sandbox has taken it away */
}

/* Ends where there is no order, or a step fails. */
__attribute__((visibility("default"))) void resident_become(struct became *became)
{
  void *memory = sys_map(ROOM_BYTES);
  if (memory == NULL) cannot_become(-ENOMEM);
  struct room room = { memory, ROOM_BYTES };
  struct order order;
  order_read(&room, &order);
  char **words = words_of(&order);
  if (words == NULL || !(order.head.flags & ORDER_PEER_ENDS)) order_decline();
  take_on(&order, words != order.argv + OPTIONS_AT + 1);
  *became = (struct became){
    .words = words[0], .env = order.env_blob, .env_end = order.env_blob + order.head.env_bytes, .env_count = order.head.envc,
    .room = memory, .room_bytes = ROOM_BYTES,
  };
}
