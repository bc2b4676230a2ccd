/** Listens to one call between intake and dispatch. Every byte goes on first, unchanged; what goes wrong here ends the
 *  listening and nothing else. */
import type { Call } from '../contract/call.js';
import type { Caller } from '../intake/intake.js';
import { type HeardCall, Hearing } from './heard-call.js';

export interface TapEnds {
  /** May so many bytes more be held? Those of a call are given back by `heard` or `lost`. */
  hold(bytes: number): boolean;
  /** Its `heldBytes` are held until it is written. */
  heard(call: HeardCall): void;
  /** The client was refused, or has given up: it runs the hook itself, or nobody does. */
  unseen(heldBytes: number): void;
  /** There was no room for it. */
  lost(heldBytes: number): void;
  /** Since 1970. */
  wallMs(): number;
}

export function tapped(call: Call, caller: Caller, ends: TapEnds): Caller {
  let hearing: Hearing | undefined;
  let heldBytes = 0;
  const giveUp = (as: 'unseen' | 'lost') => {
    if (hearing === undefined) return;
    hearing = undefined;
    ends[as](heldBytes);
  };
  const hear = (listen: (to: Hearing) => void) => {
    if (hearing === undefined) return;
    try {
      listen(hearing);
      const moreBytes = hearing.heldBytes - heldBytes;
      if (moreBytes > 0 && !ends.hold(moreBytes)) giveUp('lost');
      else heldBytes += moreBytes;
    } catch {
      giveUp('lost');
    }
  };
  try {
    hearing = new Hearing(call);
  } catch {
    ends.lost(0);
  }
  hear(() => {}); // what it holds already
  return {
    pauseStdin: () => caller.pauseStdin(),
    resumeStdin: () => caller.resumeStdin(),
    attempt: (step) => caller.attempt(step),
    setEvents(events) {
      caller.setEvents({
        ...events,
        stdin(bytes) {
          events.stdin(bytes);
          hear((to) => to.stdin(bytes));
        },
      });
    },
    started() {
      const isStarted = caller.started();
      if (!isStarted) giveUp('unseen');
      return isStarted;
    },
    stdout(bytes) {
      const isTaken = caller.stdout(bytes);
      hear((to) => to.stdout(bytes));
      return isTaken;
    },
    stderr(bytes) {
      const isTaken = caller.stderr(bytes);
      hear((to) => to.stderr(bytes));
      return isTaken;
    },
    end(end, explanation) {
      caller.end(end, explanation);
      const last = hearing;
      hearing = undefined;
      if (last !== undefined) ends.heard(last.ended(end, explanation, ends.wallMs()));
    },
    refuse(code, message) {
      caller.refuse(code, message);
      giveUp('unseen');
    },
  };
}
