import { beforeEach, describe, expect, test } from 'vitest';
import { type Call, LEVELS } from '../../../supervisor/contract/call.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { ClientEnd, Explanation } from '../../../supervisor/contract/outcome.js';
import type { EndedEvent } from '../../../supervisor/contract/records.js';
import type { OnFailure, ValidatorOutcome } from '../../../supervisor/contract/validating.js';
import { Refusal } from '../../../supervisor/contract/wire.js';
import type { CallerEvents } from '../../../supervisor/intake/intake.js';
import { createAnswering } from '../../../supervisor/validating/answering.js';
import { createEventPath } from '../../../supervisor/validating/path/event-path.js';
import { Sessions } from '../../../supervisor/validating/path/sessions.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { NOTHING_LATER, SPEC, toolEvent } from '../../lib/validators.js';
import { settled } from './workers.js';

const EVENT = Buffer.from(JSON.stringify(toolEvent('Bash', { command: 'x' }).raw));
const SIGTERM = 15;

let clock: FakeClock;
let spec: { onFailure: OnFailure } & typeof SPEC;
let client: CallerEvents;
/** All that the client is told. */
let said: unknown[];
let closed: number[];
let notes: string[];
let ended: EndedEvent[];
let isStopping: boolean;
let isClientGone: boolean;
let ask: (signal?: AbortSignal) => Promise<ValidatorOutcome>;
let answering: ReturnType<typeof createAnswering>;

beforeEach(() => {
  clock = new FakeClock();
  said = [];
  closed = [];
  notes = [];
  ended = [];
  isStopping = false;
  isClientGone = false;
  ask = async () => ({ kind: 'answered', verdict: { decision: 'deny', reason: 'no' } });
  spec = { ...SPEC, onFailure: 'continue' };
  const validator = { spec, order: 0, crew: { spec }, codeIdentity: () => undefined };
  const validators = { all: [validator], on: () => ({ asked: [validator], graph: new Map() }) };
  const recorded = { ended: (record: EndedEvent) => void ended.push(record), validators: () => validators as never };
  const path = createEventPath({
    soon: setImmediate,
    ...{ clock, cache: {} as never, breakers: { allow: () => 'yes', told() {} } as never, answered() {}, ...recorded },
    asker: { ask: (_crew: unknown, _asking: unknown, signal?: AbortSignal) => ask(signal) } as never,
    ...{ projects: { of: () => '/p' }, sessions: new Sessions(), ...NOTHING_LATER, troubled() {} },
  });
  answering = createAnswering({
    ...{ clock, path, ...recorded },
    ...{ hooks: () => [], nextCallId: () => 4, run() {}, sameFolder: () => undefined },
    ...{ isOurs: () => false, cameFromOurs() {}, later() {} },
    isStopping: () => isStopping,
    closeFd: (fd) => closed.push(fd),
    note: (text) => notes.push(text),
  });
});

function take(stdin: Buffer, made: Partial<Call> & { agent?: string } = {}): void {
  const { agent = '', ...more } = made;
  const call: Call = {
    ...{ id: 2, raw: Buffer.alloc(0), argv: ['event', agent], env: [], cwd: '/p', cwdFd: 9, isEvent: true },
    ...{ shellText: false, mergedOutput: false, explain: false, blocking: true, level: LEVELS[0], timeoutMs: 0 },
    ...{ readersGone: 0, inherited: Buffer.alloc(0), stdin, stdinComplete: true, receivedAtMs: 0 },
    ...{ clientPid: 0, ...more },
  };
  answering.take(call, {
    setEvents(events) {
      client = events;
    },
    started: () => !isClientGone,
    stdout: (bytes) => said.push(`stdout ${bytes}`) > 0,
    stderr: (bytes) => said.push(`stderr ${bytes}`) > 0,
    end: ({ exitCode, signal, message }: ClientEnd, { outcome }: Explanation) =>
      said.push(`${outcome} ${exitCode} ${signal} ${message}`),
    refuse: (code) => said.push(`refused ${code}`),
    pauseStdin() {},
    resumeStdin() {},
    attempt: (step) => step(),
  });
}

const DENIED = [expect.stringContaining('"permissionDecision":"deny"'), 'answered 0 0 '];

describe('the event', () => {
  test('whole at once: answered, and nothing is kept open', async () => {
    take(EVENT);
    expect(answering.running).toBe(1);
    await settled();
    expect(said).toEqual(DENIED);
    expect(answering.running).toBe(0);
    expect(closed).toEqual([9]);
  });

  test('in pieces: answered once the last has come', async () => {
    take(EVENT.subarray(0, 10), { stdinComplete: false });
    client.stdin(EVENT.subarray(10, 20));
    client.stdin(EVENT.subarray(20));
    await settled();
    expect(said).toEqual([]);
    client.stdinEnd();
    await settled();
    expect(said).toEqual(DENIED);
  });

  test('one more than are answered at a time: refused, so that its client falls back', async () => {
    ask = () => new Promise(() => {});
    for (let at = 0; at < LIMITS.eventsRunningMax; at++) take(Buffer.alloc(0), { stdinComplete: false });
    take(EVENT);
    expect(said).toEqual([`refused ${Refusal.QUEUE_FULL}`]);
    client.gone();
    take(EVENT);
    expect(answering.running).toBe(LIMITS.eventsRunningMax);
  });

  test('too much of all together: exit 2 for the one too many, and room for others once some are over', async () => {
    const large = Buffer.alloc(LIMITS.eventMaxBytes, ' ');
    const all: CallerEvents[] = [];
    for (let at = 0; at < LIMITS.eventsHeldMaxBytes / large.length; at++) {
      take(large, { stdinComplete: false });
      all.push(client);
    }
    expect(said).toEqual([]);
    take(EVENT);
    expect(said).toEqual([expect.stringMatching(/^crashed 2 0 .*bytes together/)]);
    for (const one of all) one.gone();
    said = [];
    take(EVENT);
    await settled();
    expect(said).toEqual(DENIED);
  });

  test.each([true, false])(
    'too long, all of it at once %s: exit 2 at once, and never an answer',
    async (stdinComplete) => {
      take(Buffer.alloc(LIMITS.eventMaxBytes + 1, ' '), { stdinComplete });
      expect(said).toEqual([expect.stringMatching(/^crashed 2 0 .*more than 8388608 bytes/)]);
      client.stdin(EVENT);
      client.stdinEnd();
      await settled();
      expect(said).toHaveLength(1);
      expect(answering.running).toBe(0);
    },
  );

  test.each([
    ['no JSON', 'x', '', 'it is no JSON object'],
    ['of nobody', '{}', '', 'those of no agent we know'],
    ['of an unknown agent', EVENT, 'nobody', 'no agent is called "nobody"'],
  ])('%s: exit 2 with the reason, exit 1 where no failure is to block', async (_what, text, agent, reason) => {
    take(Buffer.from(text), { agent });
    take(Buffer.from(text), { agent, blocking: false });
    await settled();
    spec.onFailure = 'block';
    take(Buffer.from(text), { agent, blocking: false });
    await settled();
    const [first, second, third] = said as string[];
    expect(third).toBe(first);
    expect(first).toMatch(/^crashed 2 0 /);
    expect(first).toContain(reason);
    expect(second).toMatch(/^crashed 1 0 /);
  });
});

describe('the client', () => {
  beforeEach(() => {
    ask = (signal) =>
      new Promise((resolve) => {
        signal?.addEventListener('abort', () => resolve({ kind: 'skipped', because: 'nobody waits' }));
      });
  });

  test('cancels: it ends by its own signal, nobody is asked any longer', async () => {
    take(EVENT);
    client.cancel(2);
    await settled();
    expect(said).toEqual(['cancelled 0 2 ']);
    expect(answering.running).toBe(0);
  });

  test('is gone: nothing is told twice', async () => {
    take(EVENT);
    client.gone();
    client.gone();
    client.cancel(2);
    await settled();
    expect(said).toEqual([`cancelled 0 ${SIGTERM} `]);
    expect(answering.running).toBe(0);
  });

  test('has given up before: nobody is asked', () => {
    isClientGone = true;
    take(EVENT);
    expect(said).toEqual([]);
    expect(answering.running).toBe(0);
    expect(closed).toEqual([9]);
  });

  test('comes while the daemon stops: refused, so that its own policy holds', () => {
    isStopping = true;
    take(EVENT);
    expect(said).toEqual([`refused ${Refusal.STOPPING}`]);
    expect(closed).toEqual([9]);
  });
});

describe('the record', () => {
  const facts = ({ handler, outcome, event }: EndedEvent) => [handler, outcome, event.decision, event.validators];

  test('of an answer: names, outcome, time, who has said what, and nothing else of the event', async () => {
    ask = async () => ({ kind: 'answered', verdict: { decision: 'deny', reason: 'hunter2', context: 'hunter2' } });
    take(Buffer.from(JSON.stringify(toolEvent('Bash', { command: 'hunter2' }, { session_id: 'hunter2' }).raw)), {
      receivedAtMs: -7,
    });
    await settled();
    expect(ended.map(facts)).toEqual([
      ['event PreToolUse Bash', 'answered', 'deny', [{ name: 'guard', said: 'deny' }]],
    ]);
    expect(ended[0]).toMatchObject({ totalMs: 7, detail: '' });
    expect(JSON.stringify(ended)).not.toContain('hunter2');
  });

  test.each<[string, ValidatorOutcome, string]>([
    ['says nothing', { kind: 'answered', verdict: {} }, 'nothing'],
    ['fails', { kind: 'failed', cause: 'timedOut', message: 'hunter2' }, 'timedOut'],
    ['is not asked', { kind: 'skipped', because: 'hunter2' }, 'skipped'],
  ])('of a validator that %s', async (_what, outcome, said) => {
    ask = async () => outcome;
    take(EVENT);
    await settled();
    expect(ended.map(({ event }) => event.validators)).toEqual([[{ name: 'guard', said }]]);
    expect(JSON.stringify(ended)).not.toContain('hunter2');
  });

  test('of an event that cannot be read, one that is cancelled, and one that is refused', async () => {
    take(Buffer.from('hunter2'));
    await settled();
    ask = (signal) =>
      new Promise((resolve) => signal?.addEventListener('abort', () => resolve({ kind: 'skipped', because: '' })));
    take(EVENT);
    await settled();
    client.gone();
    await settled();
    isStopping = true;
    take(EVENT);
    expect(ended.map(facts)).toEqual([
      ['event', 'crashed', null, []],
      ['event PreToolUse Bash', 'cancelled', null, [{ name: 'guard', said: 'skipped' }]],
      ['event', 'refused', null, []],
    ]);
    expect(JSON.stringify(ended)).not.toContain('hunter2');
  });

  test.each(['a b', 'x'.repeat(200), '\u001b[2J', 'TOKEN=1'])('a tool that is called %j is not named', async (tool) => {
    take(Buffer.from(JSON.stringify(toolEvent(tool, { command: 'x' }).raw)));
    await settled();
    expect(ended.map(({ handler }) => handler)).toEqual(['event PreToolUse ?']);
  });
});

test('a validator that cannot be asked for a mistake of ours: its policy, never an unanswered client', async () => {
  ask = () => Promise.reject(new Error('ours'));
  take(EVENT);
  await settled();
  expect(said).toEqual(['answered 0 0 ']);
  expect(notes).toEqual([expect.stringContaining('ours')]);
});

test('a mistake of ours in the answer: exit 2, and it is noted', async () => {
  ask = async () => ({ kind: 'answered', verdict: null as never });
  spec.onFailure = 'block';
  take(EVENT, { blocking: false });
  await settled();
  expect(said).toEqual([expect.stringMatching(/^crashed 2 0 .*the supervisor could not answer the event\n$/)]);
  expect(notes).toEqual([expect.stringContaining('an event could not be answered')]);
  expect(answering.running).toBe(0);
});

test.each([
  ['while it is judged', null],
  ['while it is told', { context: Object.create(null) }],
])(
  'a mistake of ours %s at an event where no failure denies: exit 1, or the agent would never end',
  async (_when, verdict) => {
    ask = async () => ({ kind: 'answered', verdict: verdict as never });
    spec.onFailure = 'block';
    take(Buffer.from(JSON.stringify({ ...toolEvent('', {}).raw, hook_event_name: 'Stop' })));
    await settled();
    expect(said).toEqual([expect.stringMatching(/^crashed 1 0 .*the supervisor could not answer the event\n$/)]);
    expect(notes).toEqual([expect.stringContaining('an event could not be answered')]);
  },
);
