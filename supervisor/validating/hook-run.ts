/** One hook that is run for an event, until it has ended, nobody wants to know any more, or it says that it is not to be waited for. */
import { saysAsync } from '../agents/events/rules.js';
import type { Call } from '../contract/call.js';
import { LIMITS } from '../contract/limits.js';
import type { StopSignal } from '../contract/stop.js';
import type { EventAgent } from '../contract/validating.js';
import { type Gathered, GatheringCaller } from '../intake/gathering.js';
import type { Caller } from '../intake/intake.js';
import type { HookRoom } from './hook-room.js';

export interface HookRunRooms {
  /** As any other call. */
  run(call: Call, caller: Caller): void;
  note(text: string): void;
  /** Of all events. */
  room: HookRoom;
  /** That it has said stays held until its event is answered. */
  keep(bytes: number): void;
  /** The end of one that was not to be waited for. */
  later(end: Gathered): void;
}

/** `unawaited`: it has no say. Undefined: nobody wants to know any more, and the hook is ended. */
export function runHook(
  call: Call,
  agent: EventAgent,
  signal: StopSignal,
  rooms: HookRunRooms,
): Promise<Gathered | 'unawaited' | undefined> {
  const { room } = rooms;
  return new Promise((resolve) => {
    let heldBytes = 0;
    let isAsync = false;
    let isLeft = false;
    let isOver = false;
    const bounds = {
      ...{ stdoutMaxBytes: LIMITS.eventHookStdoutMaxBytes, stderrMaxBytes: LIMITS.eventHookStderrMaxBytes },
      hold(bytes: number) {
        const has = room.hold(bytes);
        if (has) heldBytes += bytes;
        return has;
      },
    };
    const over = (end: Gathered | undefined) => {
      isOver = true;
      signal.removeEventListener('abort', stop);
      if (isLeft) room.ended();
      const isLater = end !== undefined && isAsync;
      if (isLater) rooms.later(end);
      if (isLater || end === undefined) room.release(heldBytes);
      else rooms.keep(heldBytes);
      resolve(isLater ? 'unawaited' : end);
    };
    const async = () => {
      if (isOver) return;
      isAsync = true;
      isLeft = room.leave();
      if (!isLeft) return; // it is waited for, and decides as little
      signal.removeEventListener('abort', stop);
      resolve('unawaited');
    };
    const caller = new FirstLineCaller(agent, async, bounds, over, rooms.note);
    const stop = () => {
      caller.gone();
      over(undefined);
    };
    signal.addEventListener('abort', stop, { once: true });
    caller.attempt(() => rooms.run(call, caller));
  });
}

class FirstLineCaller extends GatheringCaller {
  #line: Buffer | undefined = Buffer.alloc(0);

  constructor(
    private readonly agent: EventAgent,
    private readonly onAsync: () => void,
    ...gathering: ConstructorParameters<typeof GatheringCaller>
  ) {
    super(...gathering);
  }

  override stdout(bytes: Buffer): boolean {
    const taken = super.stdout(bytes);
    if (this.#line === undefined) return taken;
    const line = Buffer.concat([this.#line, bytes]);
    const isAsync = saysAsync(this.agent, line);
    this.#line = isAsync === undefined ? line : undefined;
    if (isAsync === true) this.onAsync();
    return taken;
  }
}
