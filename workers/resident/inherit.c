/* For a forked worker: what supervisor-parked puts on before it becomes a program. */
#include "apply.h"

/* 0 or -errno. */
__attribute__((visibility("default"))) int resident_inherit(const struct inherited *inherited, int is_confined)
{
  struct own_state own;
  own_state_read(&own);
  return apply_inherited(inherited, &own, is_confined);
}
