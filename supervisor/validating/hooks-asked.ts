/** The hooks that an event concerns, run side by side through the dispatch of all calls: what each of them says, and the very
 *  words of the one that alone has anything to say. */
import { soleSpeaker } from '../agents/events/merge.js';
import { readHook, readUnawaited } from '../agents/events/rules.js';
import type { Opinion, Outcome } from '../agents/events/verdicts.js';
import type { Call } from '../contract/call.js';
import { type ClientEnd, clientEnd, type OutcomeKind } from '../contract/outcome.js';
import type { StopSignal } from '../contract/stop.js';
import type { AgentEvent, FailureCause } from '../contract/validating.js';
import type { Gathered } from '../intake/gathering.js';
import type { Caller } from '../intake/intake.js';
import type { EventHook } from './event-hooks.js';
import { eventNote } from './event-note.js';
import { hookCall } from './hook-call.js';
import type { HookRoom } from './hook-room.js';
import { runHook } from './hook-run.js';

export interface HookRooms {
  nextCallId(): number;
  /** As any other call. */
  run(call: Call, caller: Caller): void;
  /** Another descriptor of the same folder, which goes with the call; undefined: there is none to be had. */
  sameFolder(fd: number): number | undefined;
  /** A process of a hook or validator that this daemon runs, or one that such a process has started. */
  isOurs(pid: number): boolean;
  /** These hooks were not run, since the event came from one of ours. */
  cameFromOurs(hooks: readonly string[]): void;
  /** For a later event of the session. */
  later(event: AgentEvent, context: string): void;
  note(text: string): void;
}

export interface HookAnswer {
  stdout: Buffer;
  stderr: Buffer;
  end: ClientEnd;
  outcome: OutcomeKind;
}

const CAUSES: Readonly<Record<Exclude<OutcomeKind, 'answered'>, FailureCause>> = {
  refused: 'refused',
  timedOut: 'timedOut',
  crashed: 'crashed',
  limitHit: 'limitHit',
  // By the operator: who has told the event waits for no answer then.
  cancelled: 'crashed',
};
const NOTHING = Buffer.alloc(0);
const SILENT: Outcome = { kind: 'answered', verdict: {} };
const UNWANTED: Outcome = { kind: 'skipped', because: 'the verdict was plain without it' };
const FROM_OURS: Gathered = {
  ...{ kind: 'failed', outcome: 'refused', isUnstarted: true },
  what: 'hooks are not run for an event that comes from inside a hook or a validator',
};

export class HooksAsked {
  readonly #ends = new Map<string, Gathered>();
  #heldBytes = 0;
  #isFromOurs = false;

  /** @param call that has told the event. @param stdin the event as it came. */
  constructor(
    private readonly hooks: readonly EventHook[],
    private readonly call: Call,
    private readonly stdin: Buffer,
    private readonly room: HookRoom,
    private readonly rooms: HookRooms,
  ) {}

  /** @param told of those that are known so far, and whether more are to come. @returns one of each, in declared order. */
  async ask(
    event: AgentEvent,
    signal: StopSignal,
    told: (known: readonly Opinion[], isPending: boolean) => void,
  ): Promise<Opinion[]> {
    const meant = this.hooks.filter((hook) => hook.concerns(event));
    // Else a hook that tells an event would start itself until no process is left. Looked for where hooks are meant only: it costs.
    this.#isFromOurs = meant.length > 0 && this.rooms.isOurs(this.call.clientPid);
    if (this.#isFromOurs) this.rooms.cameFromOurs(meant.map(({ spec }) => spec.name));
    const known: Opinion[] = [];
    const tell = () => told(known, known.length < meant.length);
    const one = async (hook: EventHook): Promise<Opinion> => {
      hook.began();
      const outcome = await this.#outcomeOf(hook, event, signal);
      const { spec, order } = hook;
      const denies = outcome.kind === 'failed' && (outcome.cause === 'refused' || isFailureRefusal(event));
      const onFailure = spec.onFailure ?? (denies ? 'block' : 'continue');
      const opinion: Opinion = { name: spec.name, order, outcome, onFailure, isHook: true };
      known.push(opinion);
      tell();
      return opinion;
    };
    tell();
    return Promise.all(meant.map(one));
  }

  /** Just as the agent would have had it from the hook that alone has anything to say; undefined: there is no such one. */
  ownWords(event: AgentEvent, opinions: readonly Opinion[]): HookAnswer | undefined {
    const end = this.#ends.get(soleSpeaker(event, opinions)?.name ?? '');
    if (end === undefined) return undefined;
    if (end.kind === 'failed') {
      // It is not to matter, and by its status it would.
      if (isFailureRefusal(event)) return undefined;
      const told = clientEnd({ kind: 'crashed', message: end.what }, 1);
      return { stdout: NOTHING, stderr: NOTHING, end: told, outcome: end.outcome };
    }
    const { exitCode, signal, stdout, stderr } = end;
    return { stdout, stderr, end: { exitCode, signal, message: '' }, outcome: 'answered' };
  }

  /** The event is answered. */
  release(): void {
    this.room.release(this.#heldBytes);
    this.#heldBytes = 0;
  }

  async #outcomeOf(hook: EventHook, event: AgentEvent, signal: StopSignal): Promise<Outcome> {
    const run = () => (this.#isFromOurs ? FROM_OURS : this.#run(hook, event, signal));
    const end = signal.aborted ? undefined : await run();
    if (end === 'unawaited') return SILENT;
    const outcome = end === undefined ? UNWANTED : outcomeOf(event, end, readHook);
    if (end !== undefined) this.#ends.set(hook.spec.name, end);
    hook.ended(outcome);
    return outcome;
  }

  #run(hook: EventHook, event: AgentEvent, signal: StopSignal): ReturnType<typeof runHook> {
    const { nextCallId, sameFolder, run, note } = this.rooms;
    const cwdFd = sameFolder(this.call.cwdFd);
    if (cwdFd === undefined) {
      const what = 'no descriptor for its folder can be had';
      return Promise.resolve({ kind: 'failed', outcome: 'refused', what, isUnstarted: true });
    }
    const call = hookCall(hook.spec, event.agent, this.call, { id: nextCallId(), cwdFd, stdin: this.stdin });
    return runHook(call, event.agent, signal, {
      ...{ run, note, room: this.room },
      keep: (bytes) => {
        this.#heldBytes += bytes;
      },
      later: (end) => this.#later(hook, event, end),
    });
  }

  /** What the agent would have given its model with the next turn. Of the rest, which decides nothing, only our own log hears. */
  #later(hook: EventHook, event: AgentEvent, end: Gathered): void {
    const outcome = outcomeOf(event, end, readUnawaited);
    hook.ended(outcome.kind === 'answered' ? SILENT : outcome);
    const note = (what: string) =>
      this.rooms.note(eventNote(event, `${hook.spec.name}, which was not to be waited for, ${what}`));
    if (outcome.kind === 'failed') note(`failed: ${outcome.cause}: ${outcome.message}`);
    if (outcome.kind !== 'answered') return;
    const { context = '', decision, stops, userMessage } = outcome.verdict;
    this.rooms.later(event, context);
    if (decision !== undefined) note(`says ${decision}, which decides nothing`);
    if (stops !== undefined) note('would end the turn, which decides nothing');
    if (userMessage !== undefined) note(`says to the user: ${userMessage}`);
  }
}

function outcomeOf(event: AgentEvent, end: Gathered, read: typeof readHook): Outcome {
  if (end.kind === 'failed') return failureOf(end);
  const { stdout, stderr } = end;
  return read(event, { exitCode: end.signal === 0 ? end.exitCode : null, stdout, stderr });
}

/** One that never ran has let nothing pass, whatever kept it: its deadline, too. */
function failureOf({ outcome, what, isUnstarted }: Extract<Gathered, { kind: 'failed' }>): Outcome {
  if (!isUnstarted || outcome === 'refused') return { kind: 'failed', cause: CAUSES[outcome], message: what };
  return { kind: 'failed', cause: 'refused', message: `it was not begun: ${what}` };
}

/** To some agents, at some events, any hook that fails has refused. */
function isFailureRefusal(event: AgentEvent): boolean {
  const read = readHook(event, { exitCode: 1, stdout: NOTHING, stderr: NOTHING });
  return read.kind === 'answered' && read.verdict.decision === 'deny';
}
