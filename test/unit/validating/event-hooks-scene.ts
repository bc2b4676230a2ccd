/** Hooks that are run for events, with a dispatch that is a fake, for their tests. */
import type { Call } from '../../../supervisor/contract/call.js';
import type { EventHookSpec } from '../../../supervisor/contract/event-hooks.js';
import type { ClientEnd, Explanation, OutcomeKind } from '../../../supervisor/contract/outcome.js';
import type { EndedEvent } from '../../../supervisor/contract/records.js';
import type { ValidatorOutcome } from '../../../supervisor/contract/validating.js';
import type { Caller, CallerEvents } from '../../../supervisor/intake/intake.js';
import { createAnswering } from '../../../supervisor/validating/answering.js';
import { EventHook } from '../../../supervisor/validating/event-hooks.js';
import { createEventPath } from '../../../supervisor/validating/path/event-path.js';
import { Sessions } from '../../../supervisor/validating/path/sessions.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { SPEC, toolEvent } from '../../lib/validators.js';
import { BEFORE_TOOL } from '../agents/events/samples.js';

export const CLAUDE = Buffer.from(JSON.stringify(toolEvent('Bash', { command: 'x' }).raw));
export const CODEX = Buffer.from(JSON.stringify(BEFORE_TOOL.codex));
export const COPILOT = Buffer.from(JSON.stringify(BEFORE_TOOL.copilot));
export const WORKTREE = Buffer.from(
  JSON.stringify({ ...toolEvent('', {}).raw, hook_event_name: 'WorktreeCreate', name: 'w' }),
);
export const HOOK: EventHookSpec = {
  ...{ name: 'h', command: 'python3 h.py', agents: [], events: [], matcher: '', level: undefined, timeoutMs: 60_000 },
  onFailure: undefined,
};

/** A hook that runs. */
export interface Running {
  call: Call;
  caller: Caller;
  /** What it hears of whoever has started it. */
  heard: string[];
}

export let running: Running[];
export let hooks: EventHook[];
export let said: string[];
export let closed: number[];
export let notes: string[];
export let client: CallerEvents;
export let records: EndedEvent[];
export let fromOurs: string[];
/** For later events. */
export let later: string[];
/** What a test may set. */
export const set = {
  ask: undefined as unknown as (signal?: AbortSignal) => Promise<ValidatorOutcome>,
  /** The next descriptor of the client's folder; there are three. */
  folders: 100,
  words: [] as string[],
  /** Of the event; found before it is asked who has anything to say of it. */
  project: '/p' as string | Promise<string>,
  hasValidator: true,
  /** Processes that hooks and validators have started. */
  ours: [] as number[],
};
export let answering: ReturnType<typeof createAnswering>;

export function resetScene(): void {
  running = [];
  said = [];
  closed = [];
  notes = [];
  records = [];
  set.folders = 100;
  set.words = [];
  set.project = '/p';
  set.hasValidator = true;
  set.ours = [];
  fromOurs = [];
  later = [];
  set.ask = async () => ({ kind: 'answered', verdict: {} });
  const validator = { spec: SPEC, order: 0, crew: {}, codeIdentity: () => undefined };
  const all = () => (set.hasValidator ? [validator] : []);
  const known = {
    validators: () => ({ all: all(), on: () => ({ asked: all(), graph: new Map() }) }) as never,
    ended: (record: EndedEvent) => void records.push(record),
  };
  const clock = new FakeClock();
  const path = createEventPath({
    soon: setImmediate,
    ...{ clock, cache: {} as never, breakers: { allow: () => 'yes', told() {} } as never, answered() {}, ...known },
    asker: { ask: (_crew: unknown, _asking: unknown, signal?: AbortSignal) => set.ask(signal) } as never,
    ...{ projects: { of: () => set.project }, sessions: new Sessions(), troubled() {} },
    ...{ analysers: {} as never, words: { take: () => set.words.splice(0) } },
  });
  answering = createAnswering({
    ...{ clock, path, ...known },
    hooks: () => hooks,
    nextCallId: () => 2 * running.length + 4,
    sameFolder: () => (set.folders < 103 ? set.folders++ : undefined),
    run(call, caller) {
      const heard: string[] = [];
      caller.setEvents({
        ...{ stdin() {}, stdinEnd() {}, readerGone() {}, drained() {} },
        cancel: (signal) => heard.push(`cancel ${signal}`),
        gone: () => heard.push('gone'),
      });
      running.push({ call, caller, heard });
    },
    isOurs: (pid) => set.ours.includes(pid),
    later: (_event, text) => text !== '' && later.push(text),
    cameFromOurs: (names) => fromOurs.push(names.join()),
    isStopping: () => false,
    closeFd: (fd) => closed.push(fd),
    note: (text) => notes.push(text),
  });
}

export function declare(...specs: Partial<EventHookSpec>[]): void {
  const made = specs.map((one, index) => ({ ...HOOK, name: `h${index}`, ...one }));
  hooks = EventHook.allOf({ validators: [SPEC], hooks: made }, []);
}

export function tell(stdin: Buffer, more: Partial<Call> = {}): Call {
  const call: Call = {
    ...{ id: 2, raw: stdin, argv: ['event', ''], env: ['A=1'], cwd: '/p', cwdFd: 9, isEvent: true, shellText: false },
    ...{ mergedOutput: true, explain: true, blocking: true, level: undefined, timeoutMs: 0, readersGone: 3 },
    ...{ inherited: Buffer.from('inherited'), stdin, stdinComplete: true, receivedAtMs: 5 },
    ...{ clientPid: 7, ...more },
  };
  answering.take(call, {
    setEvents(events) {
      client = events;
    },
    started: () => true,
    stdout: (bytes) => said.push(`stdout ${bytes}`) > 0,
    stderr: (bytes) => said.push(`stderr ${bytes}`) > 0,
    end: ({ exitCode, signal, message }: ClientEnd, { outcome }: Explanation) =>
      said.push(`${outcome} ${exitCode} ${signal} ${message}`),
    refuse: (code) => said.push(`refused ${code}`),
    ...{ pauseStdin() {}, resumeStdin() {} },
    attempt: (step) => step(),
  });
  return call;
}

export const ends = (one: Running | undefined, end: Partial<ClientEnd>, outcome: OutcomeKind = 'answered') =>
  one?.caller.end({ exitCode: 0, signal: 0, message: '', ...end }, { outcome } as Explanation);
export const denies = (one: Running | undefined, why: string) => {
  one?.caller.stderr(Buffer.from(why));
  ends(one, { exitCode: 2 });
};
export const status = () => hooks.map((hook) => hook.status());
