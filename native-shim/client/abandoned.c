#include "abandoned.h"

#include "sys.h"

/* What is nearly done, such as a note of the session's end, may still be done. */
#define PATIENCE_MS 5000
/* The kernel closes what a dying process has open before it gives its children to another; and a parent that lives may have
 * given up the answer alone, and die later. */
#define LOOK_EVERY_MS 500

void abandoned_start(struct abandoned *abandoned, uint64_t ignored_signals)
{
  *abandoned = (struct abandoned){ .parent = sys_parent(), .is_meant = (ignored_signals & SYS_SIGNAL_BIT(SIGHUP)) != 0 };
}

int64_t abandoned_left_ms(struct abandoned *abandoned, int is_reader_gone)
{
  if (!is_reader_gone || abandoned->is_meant) return -1;
  if (sys_parent() == abandoned->parent) return LOOK_EVERY_MS;
  if (abandoned->since_ms == 0) abandoned->since_ms = sys_now_ms();
  int64_t left_ms = abandoned->since_ms + PATIENCE_MS - sys_now_ms();
  return left_ms > 0 ? left_ms : 0;
}
