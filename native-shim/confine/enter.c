#include "enter.h"

#include <sys/prctl.h>

#include "layers.h"
#include "layers_enter.h"
#include "sys.h"

void sandbox_enter(const struct confine_options *options, const struct chain_hands *hands)
{
  struct chain chain = { .options = options, .hands = hands, .keeper = sys_parent() };
  sys_signal_mask(SIG_BLOCK, NULL, &chain.signals_before);
  enter_namespaces(options);
  chain_tie(&chain);
  /* Against the hook, which has our uid: B is a process that it sees. */
  SYS6(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0, 0);
  if (has_layer(options, LAYER_PID)) chain_fork(&chain, enter_rest);
  else enter_rest(options, NOTE_FD);
}
