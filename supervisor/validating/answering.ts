/** An agent's event that has come by a client -> the answer of all validators and hooks that it concerns, in that
 *  agent's words. */
import { render } from '../agents/events/render.js';
import { abilitiesAt } from '../agents/events/rules.js';
import type { Call } from '../contract/call.js';
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { ClientEnd, Explanation, Outcome } from '../contract/outcome.js';
import { clientEnd } from '../contract/outcome.js';
import type { EndedEvent } from '../contract/records.js';
import { type AgentEvent, EVENT_AGENTS, type EventAgent } from '../contract/validating.js';
import { Refusal, type RefusalCode } from '../contract/wire.js';
import type { Caller } from '../intake/intake.js';
import type { EventHook } from './event-hooks.js';
import { eventNote } from './event-note.js';
import { recordOfEvent } from './event-record.js';
import { HookRoom } from './hook-room.js';
import { type HookRooms, HooksAsked } from './hooks-asked.js';
import type { Judged } from './judging.js';
import type { EventPath } from './path/event-path.js';
import type { Validators } from './validators.js';

export interface AnsweringRooms extends HookRooms {
  clock: Clock;
  path: Pick<EventPath, 'take'>;
  /** Of the configuration in force. */
  validators(): Pick<Validators, 'all'>;
  hooks(): readonly EventHook[];
  isStopping(): boolean;
  closeFd(fd: number): void;
  /** What the agent is not told of its answer. */
  note(text: string): void;
  /** Of events that did not come far enough for their path to record them. */
  ended(record: EndedEvent): void;
}

export function createAnswering(rooms: AnsweringRooms): {
  take(call: Call, caller: Caller): void;
  /** Events that are being answered. */
  readonly running: number;
} {
  let running = 0;
  /** Of all events that are being read or answered. */
  let heldBytes = 0;
  const room = new HookRoom();
  const tookMs = ({ receivedAtMs }: Call) => rooms.clock.nowMs() - receivedAtMs;

  function take(call: Call, caller: Caller): void {
    const refuse = (code: RefusalCode, detail: string) => {
      rooms.closeFd(call.cwdFd);
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
    if (!caller.started()) {
      rooms.closeFd(call.cwdFd); // it has given up
      return;
    }
    running++;
    const over = new AbortController();
    const pieces: Buffer[] = [];
    let bytes = 0;
    let isOnPath = false;
    const finish = (end: ClientEnd, outcome: Outcome['kind']) => {
      if (over.signal.aborted) return;
      over.abort();
      running--;
      heldBytes -= bytes;
      rooms.closeFd(call.cwdFd);
      const totalMs = tookMs(call);
      caller.end(end, explanationOf(outcome, totalMs));
      if (!isOnPath) rooms.ended(recordOfEvent(undefined, undefined, { outcome, totalMs }));
    };
    const whole = () => {
      const asked = agentOf(call);
      isOnPath = asked.ok;
      const telling = asked.ok ? answer(call, Buffer.concat(pieces), over.signal, asked.agent) : refusedAgent(call);
      const told = telling.catch((error: Error) => unanswered(call, error, undefined));
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

  async function answer(
    call: Call,
    bytes: Buffer,
    signal: AbortSignal,
    agent: EventAgent | undefined,
  ): Promise<Answered> {
    const coming = { bytes, known: agent === undefined ? {} : { agent } };
    const { timeoutMs, receivedAtMs } = call;
    const asked: { hooks?: HooksAsked } = {};
    const beside = () => {
      const hooks = rooms.hooks();
      if (hooks.length > 0) asked.hooks = new HooksAsked(hooks, call, bytes, room, rooms);
      return asked.hooks;
    };
    const judging = { env: (name: string) => variableOf(call, name), timeoutMs, signal, beside };
    try {
      const end = await rooms.path.take(coming, judging, receivedAtMs);
      if (end.kind === 'failed') return unanswered(call, end.error, end.event);
      if (end.kind === 'unread') {
        return unread(call, `the event cannot be read: ${end.problem.what}; ${end.problem.remedy}`);
      }
      try {
        // A hook's own words are told alone.
        return told(end.event, end.judged, end.hasEarlierWords ? undefined : asked.hooks);
      } catch (error) {
        return unanswered(call, error as Error, end.event);
      }
    } finally {
      asked.hooks?.release();
    }
  }

  async function refusedAgent(call: Call): Promise<Answered> {
    return unread(call, `no agent is called "${call.argv[1]}"; known: ${EVENT_AGENTS.join(', ')}`);
  }

  /** What cannot be read may be what a validator was to refuse, or a hook, which nobody runs instead. */
  function unread(call: Call, message: string): Answered {
    const isGuarded =
      rooms.validators().all.some(({ spec }) => spec.onFailure === 'block') ||
      rooms.hooks().some(({ spec }) => spec.onFailure !== 'continue');
    return wrong({ ...call, blocking: call.blocking || isGuarded }, message);
  }

  /** By a mistake of ours. @param event if it was read. */
  function unanswered(call: Call, error: Error, event: AgentEvent | undefined): Answered {
    rooms.note(`an event could not be answered: ${error.stack}`);
    const message = 'the supervisor could not answer the event';
    // Nothing can have been refused by it, or a refusal would keep its agent from ever ending.
    const isHarmless = event !== undefined && !abilitiesAt(event).failureDenies;
    return isHarmless ? wrong({ ...call, blocking: false }, message) : unread(call, message);
  }

  function told(event: AgentEvent, { merged, opinions }: Judged, beside: HooksAsked | undefined): Answered {
    for (const { kind, name, text } of merged.notes) {
      // That nobody needed one of them is as it should be.
      if (kind !== 'skipped') rooms.note(eventNote(event, `${name} ${kind}: ${text}`));
    }
    const ownWords = beside?.ownWords(event, opinions);
    if (ownWords !== undefined) return ownWords;
    const { stdout, stderr, exitCode, lost } = render(event, merged);
    for (const text of lost) rooms.note(eventNote(event, text));
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

/** As the caller says; undefined: the event itself is to tell. */
function agentOf({ argv }: Call): { ok: true; agent: EventAgent | undefined } | { ok: false } {
  const agent = argv[1] ?? '';
  if (agent === '') return { ok: true, agent: undefined };
  return EVENT_AGENTS.includes(agent as EventAgent) ? { ok: true, agent: agent as EventAgent } : { ok: false };
}

/** Of the call's environment, as text. */
function variableOf({ env }: Call, name: string): string | undefined {
  const found = env.find((entry) => entry.startsWith(`${name}=`));
  return found === undefined ? undefined : Buffer.from(found.slice(name.length + 1), 'latin1').toString('utf8');
}

function explanationOf(outcome: Outcome['kind'], milliseconds: number): Explanation {
  return {
    ...{ path: 'worker', runtime: null, pid: null, slot: null, generation: null, outcome, level: 'contained' },
    ...{ milliseconds, enforced: [], usage: null, why: 'answered by validators and hooks' },
  };
}
