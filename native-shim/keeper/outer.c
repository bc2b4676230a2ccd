/* The network namespace of a slot and the user namespace that owns it, kept from one sandbox to the next: see
 * confine/outer.h. Only from one that ended by itself: then all of its pid namespace had ended before it did. */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "layers.h"
#include "park.h"

int outer_is_kept(const struct keeper *keeper)
{
  uint32_t needed = LAYER_BIT(LAYER_USER) | LAYER_BIT(LAYER_NET) | LAYER_BIT(LAYER_PID);
  /* The next would find the port of its door taken, until the proxy has let go of the one before. */
  return !keeper->options.confinement.has_door && (keeper->options.confinement.layers & needed) == needed;
}

int outer_adopt(const struct keeper *keeper, struct slot *slot, const int fds[OUTERS])
{
  if (!outer_is_kept(keeper) || slot->outer_fds[OUTER_USER] >= 0) return -EPROTO;
  for (int i = 0; i < OUTERS; i++)
    if ((slot->outer_fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, EXEC_PROGRAM_FD_MIN)) < 0) return -errno;
  return 0;
}

void outer_drop(struct slot *slot)
{
  for (int i = 0; i < OUTERS; i++) {
    if (slot->outer_fds[i] >= 0) close(slot->outer_fds[i]);
    slot->outer_fds[i] = -1;
  }
}
