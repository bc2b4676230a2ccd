/** An event through its stages: what validators are told, and what becomes of stages that are late. */
import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../../supervisor/contract/limits.js';
import type { EndedEvent } from '../../../../supervisor/contract/records.js';
import { Stop } from '../../../../supervisor/contract/stop.js';
import type { ValidatorOutcome } from '../../../../supervisor/contract/validating.js';
import { createEventPath, type EventPath, type PathEnd } from '../../../../supervisor/validating/path/event-path.js';
import { Sessions } from '../../../../supervisor/validating/path/sessions.js';
import { FakeClock } from '../../../lib/fake-clock.js';
import { SPEC, toolEvent } from '../../../lib/validators.js';
import { settled } from '../workers.js';

const event = toolEvent('Bash', { command: 'x' });

let clock: FakeClock;
let asked: unknown[];
let ended: EndedEvent[];
let troubles: string[];
let project: () => string | Promise<string>;
let answer: () => Promise<ValidatorOutcome>;
let all: unknown[];
let later: unknown[];
let said: string[];
let words: string[];
let written: () => Promise<void>;
let path: EventPath;
beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  ended = [];
  troubles = [];
  later = [];
  said = [];
  words = [];
  written = async () => {};
  project = () => '/p';
  answer = async () => ({ kind: 'answered', verdict: { decision: 'ask' } });
  const validator = { spec: SPEC, order: 0, crew: { spec: SPEC }, codeIdentity: () => undefined };
  all = [validator];
  path = createEventPath({
    soon: setImmediate,
    ...{ clock, cache: {} as never, breakers: { allow: () => 'yes', told() {} } as never, answered() {} },
    asker: {
      ask(_crew: unknown, { context }: { context(isAlone: boolean): unknown }) {
        asked.push(context(true), context(false));
        return answer();
      },
    } as never,
    validators: () =>
      ({
        all,
        hasLater: later.length > 0,
        laterOn: () => later,
        on: () => ({ asked: all, graph: new Map() }),
      }) as never,
    projects: { of: () => project() },
    analysers: {
      accept(_event, { projectFolder }, validators) {
        said.push(`accepted by ${validators.map(({ spec }) => spec.name)} in ${projectFolder}`);
        return { written: written(), begin: () => void said.push('begun') };
      },
    },
    words: { take: () => words.splice(0) },
    sessions: new Sessions(),

    ended: (record) => ended.push(record),
    troubled: ({ part, trouble }) => troubles.push(`${part} ${trouble}`),
  });
});

/** With what follows the answer. */
async function whole(taken: Promise<PathEnd>): Promise<PathEnd> {
  const end = await taken;
  await settled();
  return end;
}

async function take(signal = new AbortController().signal): Promise<PathEnd> {
  return whole(path.take({ event }, { env: () => undefined, timeoutMs: 0, signal }, clock.now));
}
const count = (part: string) => path.counts().find(({ name }) => name === part);

test('validators are told the project and the session; those asked about several events are not', async () => {
  project = async () => '/project';
  await take();
  await take();
  const decisions = [{ event: 'PreToolUse', tool: 'Bash', decision: 'ask' }];
  expect(asked.map((context) => context)).toMatchObject([
    { cwd: '/p', projectFolder: '/project', session: { events: 0, decisions: [] } },
    { cwd: '', projectFolder: '', session: { events: 0, decisions: [] } },
    { projectFolder: '/project', session: { events: 1, decisions } },
    { projectFolder: '', session: { events: 0, decisions: [] } },
  ]);
});

test('the session knows of an event as soon as its verdict is told: who asks on at once is not ahead of it', async () => {
  for (let at = 0; at < 2; at++) {
    await path.take({ event }, { env: () => undefined, timeoutMs: 0, signal: new Stop() }, clock.now);
  }
  expect(ended).toEqual([]);
  const decisions = [{ event: 'PreToolUse', tool: 'Bash', decision: 'ask' }];
  expect(asked[2]).toMatchObject({ session: { events: 1, decisions } });
});

test('an event that was read before is not read again, and where nobody is asked no project is looked for', async () => {
  all = [];
  project = () => {
    throw new Error('looked for');
  };
  expect(await take()).toMatchObject({ kind: 'judged' });
  expect(troubles).toEqual([]);
  expect([count('parse event')?.runs, count('enrich project')?.runs]).toEqual([0, 0]);
});

describe('a project that cannot be told', () => {
  test('in time: validators are asked without it, as soon as its time is over, and it is counted', async () => {
    project = () => new Promise(() => {});
    const taken = take();
    clock.pass(LIMITS.projectLookTimeoutMs - 1);
    await settled();
    expect(asked).toEqual([]);
    clock.pass(1);
    expect(await taken).toMatchObject({ kind: 'judged' });
    expect(asked[0]).toMatchObject({ projectFolder: '' });
    expect(count('enrich project')).toMatchObject({ runs: 1, late: 1, fellBack: 1 });
    expect(troubles).toEqual(['enrich project late']);
  });

  test('at all: the same, at once', async () => {
    project = () => Promise.reject(new Error('busy'));
    expect(await take()).toMatchObject({ kind: 'judged' });
    expect(count('enrich project')).toMatchObject({ failed: 1, fellBack: 1 });
  });
});

describe('the record', () => {
  const outcomes = () => ended.map(({ outcome, event: { decision } }) => [outcome, decision]);

  test('of a verdict, once that is told: it says how long it took until then, and nothing of what came afterwards', async () => {
    const stop = new Stop();
    await path.take({ event }, { env: () => undefined, timeoutMs: 0, signal: stop }, clock.now - 7);
    expect(ended).toEqual([]);
    stop.abort();
    clock.pass(9);
    await settled();
    expect(outcomes()).toEqual([['answered', 'ask']]);
    expect(ended).toMatchObject([{ totalMs: 7 }]);
  });

  test('of one that nobody waits for any more', async () => {
    await take(AbortSignal.abort());
    expect(outcomes()).toEqual([['cancelled', null]]);
  });

  test('of a mistake of ours, which is told to who asks', async () => {
    answer = async () => ({ kind: 'answered', verdict: null as never });
    expect(await take()).toMatchObject({ kind: 'failed', event: { name: 'PreToolUse' }, error: expect.any(TypeError) });
    expect(outcomes()).toEqual([['crashed', null]]);
    expect(troubles).toEqual(['validate verdict failed']);
  });

  test('of an event that cannot be read', async () => {
    const judging = { env: () => undefined, timeoutMs: 0, signal: new AbortController().signal };
    const end = await whole(path.take({ bytes: Buffer.from('x'), known: {} }, judging, 0));
    expect(end).toMatchObject({ kind: 'unread' });
    expect(outcomes()).toEqual([['crashed', null]]);
    expect(asked).toEqual([]);
  });
});

describe('validators that are asked after the answer', () => {
  const names = () => ended.map(({ event: { validators } }) => validators.map((one) => `${one.name} ${one.said}`));
  beforeEach(() => {
    later = [{ spec: { ...SPEC, name: 'drift', after: true } }];
  });

  test('the event is written down beside the verdict, the answer waits for both, and only then they are asked', async () => {
    let wrote = () => {};
    written = () =>
      new Promise((resolve) => {
        wrote = resolve;
      });
    const taken = whole(
      path
        .take({ event }, { env: () => undefined, timeoutMs: 0, signal: new Stop() }, 0)
        .finally(() => said.push('told')),
    );
    await settled();
    expect(asked).toHaveLength(2);
    expect(said).toEqual(['accepted by drift in /p']);
    wrote();
    await taken;
    expect(said).toEqual(['accepted by drift in /p', 'begun', 'told']);
    expect(names()).toEqual([['guard ask', 'drift later']]);
  });

  test('a disk that is slow: the answer goes out when its time is over, and that is counted', async () => {
    written = () => new Promise(() => {});
    const taken = take();
    await settled();
    clock.pass(LIMITS.laterWrittenMaxMs);
    expect(await taken).toMatchObject({ kind: 'judged' });
    expect(said).toContain('begun');
    expect(count('validate later')).toMatchObject({ late: 1, fellBack: 1 });
  });

  test('that are none of those that a program wants: nothing is written down', async () => {
    const judging = { env: () => undefined, timeoutMs: 0, signal: new AbortController().signal, only: ['guard'] };
    await whole(path.take({ event }, judging, 0));
    expect(said).toEqual([]);
    expect(names()).toEqual([['guard ask']]);
  });

  test('what they have said is told with an event that can tell it, once, and never with one that nobody waits for', async () => {
    words = ['look'];
    const contexts = async (taken: ReturnType<typeof take>) => {
      const end = await taken;
      return end.kind === 'judged' ? end.judged.merged.contexts : undefined;
    };
    expect(await contexts(take(AbortSignal.abort()))).toEqual([]);
    const judging = { env: () => undefined, timeoutMs: 0, signal: new AbortController().signal };
    const bytesOf = (change: object) => Buffer.from(JSON.stringify({ ...event.raw, ...change }));
    const compact = {
      bytes: bytesOf({ hook_event_name: 'PreCompact', trigger: 'auto' }),
      known: { agent: 'claude' as const },
    };
    expect(await contexts(path.take(compact, judging, 0))).toEqual([]);
    expect(await contexts(path.take({ bytes: bytesOf({}), known: {} }, judging, 0))).toEqual(['look']);
    expect(await contexts(take())).toEqual([]);
  });
});
