/** An event and a hook that it concerns -> a call, as if the agent had started the hook itself through a client. */
import { shellOf } from '../agents/events/rules.js';
import type { Call } from '../contract/call.js';
import type { EventHookSpec } from '../contract/event-hooks.js';
import type { EventAgent } from '../contract/validating.js';
import { bytesOf } from '../policy/paths.js';

/** Environment, folder, all that is inherited, and the moment from which deadlines count are those of the client that has told
 *  the event. @param own its id, its descriptor of the folder, and the event as it came. */
export function hookCall(
  { command, level, timeoutMs }: EventHookSpec,
  agent: EventAgent,
  told: Call,
  own: Pick<Call, 'id' | 'cwdFd' | 'stdin'>,
): Call {
  const isText = typeof command === 'string';
  return {
    ...{ ...told, ...own, level },
    raw: Buffer.alloc(0),
    argv: (isText ? [shellOf(agent), '-c', command] : command).map(bytesOf),
    shellText: isText,
    timeoutMs: told.timeoutMs === 0 ? timeoutMs : Math.min(timeoutMs, told.timeoutMs),
    stdinComplete: true,
    readersGone: 0,
    // What a failure becomes is not said by an exit status of ours.
    ...{ isEvent: false, mergedOutput: false, explain: false, blocking: false },
  };
}
