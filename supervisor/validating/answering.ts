/** An agent's event that has come by a client -> the answer of all validators and hooks that it concerns, in that agent's words. */
import { parseEvent } from '../agents/events/parse.js';
import { render } from '../agents/events/render.js';
import type { Call } from '../contract/call.js';
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { ClientEnd, Explanation, Outcome } from '../contract/outcome.js';
import { clientEnd } from '../contract/outcome.js';
import { type AgentEvent, EVENT_AGENTS, type EventAgent } from '../contract/validating.js';
import { Refusal, type RefusalCode } from '../contract/wire.js';
import type { Caller } from '../intake/intake.js';
import type { EventHook } from './event-hooks.js';
import { HeldWords, type HookRooms, HooksAsked } from './hooks-asked.js';
import { type JudgingRooms, judge } from './judging.js';

export interface AnsweringRooms extends JudgingRooms, HookRooms {
  clock: Clock;
  /** Of the configuration in force. */
  hooks(): readonly EventHook[];
  isStopping(): boolean;
  closeFd(fd: number): void;
  /** What the agent is not told of its answer. */
  note(text: string): void;
}

export function createAnswering(rooms: AnsweringRooms): {
  take(call: Call, caller: Caller): void;
  /** Events that are being answered. */
  readonly running: number;
} {
  let running = 0;
  /** Of all events that are being read or answered. */
  let heldBytes = 0;
  const heldWords = new HeldWords();

  function take(call: Call, caller: Caller): void {
    const refused = whyNotTaken();
    if (refused !== undefined) caller.refuse(...refused);
    if (refused !== undefined || !caller.started()) {
      rooms.closeFd(call.cwdFd); // where it was not refused, it has given up
      return;
    }
    running++;
    const over = new AbortController();
    const pieces: Buffer[] = [];
    let bytes = 0;
    const finish = (end: ClientEnd, outcome: Outcome['kind']) => {
      if (over.signal.aborted) return;
      over.abort();
      running--;
      heldBytes -= bytes;
      rooms.closeFd(call.cwdFd);
      caller.end(end, explanationOf(call, outcome, rooms.clock.nowMs()));
    };
    const whole = () => {
      const told = answer(call, Buffer.concat(pieces), over.signal).catch((error: Error) => {
        rooms.note(`an event could not be answered: ${error.stack}`);
        return unread(call, 'the supervisor could not answer the event');
      });
      void told.then(({ stdout, stderr, end, outcome }) => {
        if (over.signal.aborted) return;
        caller.attempt(() => {
          if (stdout.length > 0) caller.stdout(stdout);
          if (stderr.length > 0) caller.stderr(stderr);
          finish(end, outcome);
        });
      });
    };
    const piece = (more: Buffer) => {
      if (over.signal.aborted) return;
      bytes += more.length;
      heldBytes += more.length;
      if (bytes > LIMITS.eventMaxBytes) {
        finish(unread(call, `an event of more than ${LIMITS.eventMaxBytes} bytes`).end, 'crashed');
      } else if (heldBytes > LIMITS.eventsHeldMaxBytes) {
        finish(unread(call, `events of more than ${LIMITS.eventsHeldMaxBytes} bytes together`).end, 'crashed');
      } else pieces.push(more);
    };
    const gone = () => finish({ exitCode: 0, signal: SIGTERM, message: '' }, 'cancelled');
    caller.setEvents({
      stdin: piece,
      stdinEnd() {
        if (!over.signal.aborted) whole();
      },
      cancel: (signal) => finish({ exitCode: 0, signal, message: '' }, 'cancelled'),
      readerGone() {},
      gone,
      drained() {},
    });
    piece(call.stdin);
    if (call.stdinComplete && !over.signal.aborted) whole();
  }

  function whyNotTaken(): [code: RefusalCode, message: string] | undefined {
    if (rooms.isStopping()) return [Refusal.STOPPING, 'the supervisor is stopping'];
    return running < LIMITS.eventsRunningMax ? undefined : [Refusal.QUEUE_FULL, 'too many events are being answered'];
  }

  async function answer(call: Call, stdin: Buffer, signal: AbortSignal): Promise<Answered> {
    const agent = call.argv[1] ?? '';
    if (agent !== '' && !EVENT_AGENTS.includes(agent as EventAgent)) {
      return unread(call, `no agent is called "${agent}"; known: ${EVENT_AGENTS.join(', ')}`);
    }
    const parsed = parseEvent(stdin, agent === '' ? {} : { agent: agent as EventAgent });
    if (!parsed.ok) return unread(call, `the event cannot be read: ${parsed.problem.what}; ${parsed.problem.remedy}`);
    return verdictOn(parsed.event, call, stdin, signal);
  }

  /** What cannot be read may be what a validator was to refuse, or a hook, which nobody runs instead. */
  function unread(call: Call, message: string): Answered {
    const isGuarded =
      rooms.validators().all.some(({ spec }) => spec.onFailure === 'block') ||
      rooms.hooks().some(({ spec }) => spec.onFailure !== 'continue');
    return wrong({ ...call, blocking: call.blocking || isGuarded }, message);
  }

  async function verdictOn(event: AgentEvent, call: Call, stdin: Buffer, signal: AbortSignal): Promise<Answered> {
    const { timeoutMs } = call;
    const hooks = rooms.hooks().filter((hook) => hook.concerns(event));
    const beside = hooks.length === 0 ? undefined : new HooksAsked(hooks, event, call, stdin, heldWords, rooms);
    try {
      const how = { env: (name: string) => variableOf(call, name), timeoutMs, signal, beside };
      const { merged, opinions } = await judge(event, how, rooms);
      for (const { kind, name, text } of merged.notes) {
        // That nobody needed one of them is as it should be.
        if (kind !== 'skipped') rooms.note(`${event.name}: ${name} ${kind}: ${text}`);
      }
      const ownWords = beside?.ownWords(opinions);
      if (ownWords !== undefined) return ownWords;
      const { stdout, stderr, exitCode, lost } = render(event, merged);
      for (const text of lost) rooms.note(`${event.name}: ${text}`);
      return { stdout, stderr, end: { exitCode, signal: 0, message: '' }, outcome: 'answered' };
    } finally {
      beside?.release();
    }
  }

  return {
    take,
    get running() {
      return running;
    },
  };
}

interface Answered {
  stdout: Buffer;
  stderr: Buffer;
  end: ClientEnd;
  outcome: Outcome['kind'];
}

const SIGTERM = 15;
const NOTHING = Buffer.alloc(0);

function wrong(call: Call, message: string): Answered {
  return { stdout: NOTHING, stderr: NOTHING, end: failed(call, message), outcome: 'crashed' };
}

function failed({ blocking }: Call, message: string): ClientEnd {
  return clientEnd({ kind: 'crashed', message }, blocking ? 2 : 1);
}

/** Of the call's environment, as text. */
function variableOf({ env }: Call, name: string): string | undefined {
  const found = env.find((entry) => entry.startsWith(`${name}=`));
  return found === undefined ? undefined : Buffer.from(found.slice(name.length + 1), 'latin1').toString('utf8');
}

function explanationOf(call: Call, outcome: Outcome['kind'], nowMs: number): Explanation {
  return {
    ...{ path: 'worker', runtime: null, pid: null, slot: null, generation: null, outcome, level: 'contained' },
    ...{ milliseconds: nowMs - call.receivedAtMs, enforced: [], usage: null, why: 'answered by validators and hooks' },
  };
}
