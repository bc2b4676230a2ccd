/** An agent's event that has come by a client -> the answer of all validators that it concerns, in that agent's words. */
import { parseEvent } from '../agents/events/parse.js';
import { render } from '../agents/events/render.js';
import type { Call } from '../contract/call.js';
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { ClientEnd, Explanation, Outcome } from '../contract/outcome.js';
import { clientEnd } from '../contract/outcome.js';
import type { EndedEvent } from '../contract/records.js';
import { type AgentEvent, EVENT_AGENTS, type EventAgent } from '../contract/validating.js';
import { Refusal, type RefusalCode } from '../contract/wire.js';
import type { Caller } from '../intake/intake.js';
import { recordOfEvent } from './event-record.js';
import { type Judged, type JudgingRooms, judge } from './judging.js';

export interface AnsweringRooms extends JudgingRooms {
  clock: Clock;
  isStopping(): boolean;
  closeFd(fd: number): void;
  /** What the agent is not told of its answer. */
  note(text: string): void;
  /** Of each event, after its answer. */
  ended(record: EndedEvent): void;
}

/** One event, as far as it is known. */
interface Known {
  event?: AgentEvent;
  judged?: Judged;
}

export function createAnswering(rooms: AnsweringRooms): {
  take(call: Call, caller: Caller): void;
  /** Events that are being answered. */
  readonly running: number;
} {
  let running = 0;
  /** Of all events that are being read or answered. */
  let heldBytes = 0;
  const tookMs = ({ receivedAtMs }: Call) => rooms.clock.nowMs() - receivedAtMs;

  function take(call: Call, caller: Caller): void {
    rooms.closeFd(call.cwdFd); // a validator has a folder of its own
    const refuse = (code: RefusalCode, detail: string) => {
      caller.refuse(code, detail);
      rooms.ended(recordOfEvent(undefined, undefined, { outcome: 'refused', totalMs: tookMs(call), detail }));
    };
    if (rooms.isStopping()) {
      refuse(Refusal.STOPPING, 'the supervisor is stopping');
      return;
    }
    if (running >= LIMITS.eventsRunningMax) {
      refuse(Refusal.QUEUE_FULL, 'too many events are being answered');
      return;
    }
    if (!caller.started()) return; // it has given up
    running++;
    const over = new AbortController();
    const pieces: Buffer[] = [];
    const known: Known = {};
    let bytes = 0;
    const finish = (end: ClientEnd, outcome: Outcome['kind']) => {
      if (over.signal.aborted) return;
      over.abort();
      running--;
      heldBytes -= bytes;
      const totalMs = tookMs(call);
      caller.end(end, explanationOf(outcome, totalMs));
      rooms.ended(recordOfEvent(known.event, known.judged, { outcome, totalMs }));
    };
    const whole = () => {
      const told = answer(call, Buffer.concat(pieces), over.signal, known).catch((error: Error) => {
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

  async function answer(call: Call, stdin: Buffer, signal: AbortSignal, known: Known): Promise<Answered> {
    const agent = call.argv[1] ?? '';
    if (agent !== '' && !EVENT_AGENTS.includes(agent as EventAgent)) {
      return unread(call, `no agent is called "${agent}"; known: ${EVENT_AGENTS.join(', ')}`);
    }
    const parsed = parseEvent(stdin, agent === '' ? {} : { agent: agent as EventAgent });
    if (!parsed.ok) return unread(call, `the event cannot be read: ${parsed.problem.what}; ${parsed.problem.remedy}`);
    known.event = parsed.event;
    return verdictOn(parsed.event, call, signal, known);
  }

  /** What cannot be read may be what a validator was to refuse. */
  function unread(call: Call, message: string): Answered {
    const isGuarded = rooms.validators().all.some(({ spec }) => spec.onFailure === 'block');
    return wrong({ ...call, blocking: call.blocking || isGuarded }, message);
  }

  async function verdictOn(event: AgentEvent, call: Call, signal: AbortSignal, known: Known): Promise<Answered> {
    const { timeoutMs } = call;
    known.judged = await judge(event, { env: (name) => variableOf(call, name), timeoutMs, signal }, rooms);
    const { merged } = known.judged;
    const rendered = render(event, merged);
    for (const { kind, name, text } of merged.notes) {
      // That nobody needed one of them is as it should be.
      if (kind !== 'skipped') rooms.note(`${event.name}: ${name} ${kind}: ${text}`);
    }
    for (const text of rendered.lost) rooms.note(`${event.name}: ${text}`);
    const { stdout, stderr, exitCode } = rendered;
    return { stdout, stderr, end: { exitCode, signal: 0, message: '' }, outcome: 'answered' };
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

function explanationOf(outcome: Outcome['kind'], milliseconds: number): Explanation {
  return {
    ...{ path: 'worker', runtime: null, pid: null, slot: null, generation: null, outcome, level: 'contained' },
    ...{ milliseconds, enforced: [], usage: null, why: 'answered by validators' },
  };
}
