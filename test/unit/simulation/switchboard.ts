/** The addon's switchboard as the daemon sees it: starts and answers calls like those it was taught, tells of them late, and hands
 *  over whatever is not plain. */
import type { Call } from '../../../supervisor/contract/call.js';
import { OUTCOME_CODE } from '../../../supervisor/contract/outcome.js';
import { RecordKind } from '../../../supervisor/contract/wire.js';
import type { CallerEvents } from '../../../supervisor/intake/intake.js';
import type { SwitchedCall } from '../../../supervisor/native.js';
import type { Route } from '../../../supervisor/placing/rooms.js';
import type { SimCaller } from './caller.js';
import type { SimChannel } from './channel.js';
import type { Chance, SimClock } from './clock.js';

interface Switched {
  call: Call;
  caller: SimCaller;
  route: Route;
  channel: SimChannel;
  slot: number;
  generation: number;
  ordinal: number;
  outputBytes: number;
}

interface Ended extends Switched {
  atMs: number;
  payload: Buffer;
}

const ENDED_MAX = 64;

export class SimSwitchboard {
  /** Nothing is settled by the world's looking at pools. */
  isLookedAt = false;
  private readonly routes = new Map<string, { route: Route; start: Buffer }>();
  private readonly running = new Map<number, Switched>();
  private readonly ended = new Map<SimChannel, Ended[]>();

  constructor(
    private readonly clock: SimClock,
    private readonly chance: Chance,
    private readonly takeOver: (call: Call, caller: SimCaller, route: Route, at: SwitchedCall) => void,
    private readonly closeFd: (fd: number) => void,
  ) {}

  learn(words: string, route: Route, start: Buffer): void {
    this.routes.set(words, { route, start });
  }

  forget(): void {
    this.routes.clear();
  }

  /** False: the call is JavaScript's. */
  takes(call: Call, caller: SimCaller): boolean {
    const known = this.routes.get(caller.words);
    if (known === undefined || this.chance.in(0.1)) return false;
    const channel = known.route.channel as SimChannel;
    const [first] = channel.isTaking ? channel.offered : [];
    if (first === undefined) return false;
    channel.offered.delete(first);
    const [slot = 0, generation = 0] = first.split('.').map(Number);
    const giveBack = () => channel.offered.add(first);
    if (!caller.started()) {
      giveBack();
      return false;
    }
    const ordinal = this.chance.in(0.02)
      ? 0
      : channel.write(RecordKind.START, 0, call.id, slot, generation, known.start);
    const switched = { call, caller, channel, slot, generation, ordinal, route: known.route, outputBytes: 0 };
    this.running.set(call.id, switched);
    caller.setEvents(this.eventsOf(switched));
    if (ordinal > 0) return true;
    giveBack();
    this.handOver(switched);
    return true;
  }

  /** @returns whether the record has found its way without JavaScript. */
  passes(kind: number, callId: number, payload: Buffer): boolean {
    const one = this.running.get(callId);
    if (one === undefined) return false;
    if (kind === RecordKind.STDOUT) {
      one.outputBytes += payload.length;
      one.caller.stdout();
      if (this.chance.in(0.1)) this.handOver(one);
      return true;
    }
    const isPlain = kind === RecordKind.END && payload.readUInt32LE(0) === OUTCOME_CODE.answered;
    if (isPlain && this.chance.in(0.9)) {
      this.answer(one, payload);
      return true;
    }
    this.handOver(one);
    return false;
  }

  /** Before any other news of the channel. */
  tellEnded(channel: SimChannel): void {
    const ended = this.ended.get(channel) ?? [];
    for (let one = ended.shift(); one !== undefined; one = ended.shift()) {
      const tookMs = one.atMs - one.call.receivedAtMs;
      channel.tellAnswered(one.route, one.slot, one.generation, tookMs, this.clock.nowMs() - one.atMs, one.payload);
    }
    this.ended.delete(channel);
  }

  settle(channel: SimChannel): void {
    if (this.isLookedAt) return;
    this.tellEnded(channel);
    for (const one of [...this.running.values()]) if (one.channel === channel) this.handOver(one);
  }

  /** Processes that it uses, or has used, and that it has not told of. */
  untold(channel: SimChannel): string[] {
    const running = [...this.running.values()].filter((one) => one.channel === channel);
    return [...running, ...(this.ended.get(channel) ?? [])].map(({ slot, generation }) => `${slot}.${generation}`);
  }

  private answer(one: Switched, payload: Buffer): void {
    this.running.delete(one.call.id);
    one.caller.end(undefined, { outcome: 'answered' });
    this.closeFd(one.call.cwdFd);
    const ended = this.ended.get(one.channel) ?? [];
    if (ended.length === ENDED_MAX) this.tellEnded(one.channel);
    this.ended.set(one.channel, [...ended, { ...one, atMs: this.clock.nowMs(), payload: Buffer.from(payload) }]);
  }

  private handOver(one: Switched): void {
    this.running.delete(one.call.id);
    const { call, slot, generation, ordinal, outputBytes } = one;
    this.takeOver(call, one.caller, one.route, {
      ...{ callId: call.id, ageMs: this.clock.nowMs() - call.receivedAtMs, slot, generation, ordinal, outputBytes },
      ...{ stdinTakenBytes: 0, stdinIsOver: 1, queuedBytes: 0 },
    });
  }

  /** Whatever the client says makes the call JavaScript's, which then hears it. */
  private eventsOf(one: Switched): CallerEvents {
    const pass = (tell: (events: CallerEvents) => void) => {
      this.handOver(one);
      if (one.caller.events !== undefined) tell(one.caller.events);
    };
    return {
      stdin: (bytes) => pass((events) => events.stdin(bytes)),
      stdinEnd: () => pass((events) => events.stdinEnd()),
      cancel: (signal) => pass((events) => events.cancel(signal)),
      readerGone: (stream) => pass((events) => events.readerGone(stream)),
      gone: () => pass((events) => events.gone()),
      drained: () => pass((events) => events.drained()),
    };
  }
}
