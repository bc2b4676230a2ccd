/* Gives back to fd 0 what was read of it, so that a direct run finds its standard input whole. */
#ifndef HOOK_SUPERVISOR_CLIENT_REPLAY_H
#define HOOK_SUPERVISOR_CLIENT_REPLAY_H

#include "call.h"
#include "signals.h"

/* 0 or -errno; on an error the hook must not be run: it would see a part of its input. */
int replay_stdin(const struct call *call, const struct signals *signals);

#endif
