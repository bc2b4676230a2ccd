import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ValidatorSpec } from '../../../supervisor/contract/validating.js';
import { problemsOf } from '../../../supervisor/validating/problems.js';
import { Validators } from '../../../supervisor/validating/validators.js';
import { SPEC, toolEvent } from '../../lib/validators.js';
import { Stage } from './workers.js';

let stage: Stage;
let folder: string;
let entry: string;
let wallMs: number;
beforeEach(() => {
  stage = new Stage();
  folder = mkdtempSync(join(tmpdir(), 'validators-'));
  entry = join(folder, 'a.mjs');
  writeFileSync(entry, '1');
  wallMs = Date.now() + 1_000;
});
afterEach(() => rmSync(folder, { recursive: true }));

const spec = (name: string, made: Partial<ValidatorSpec> = {}): ValidatorSpec => ({ ...SPEC, entry, name, ...made });

function of(specs: readonly ValidatorSpec[], before?: Validators): Validators {
  const rooms = { ...stage.crewRooms(), wallMs: () => wallMs, packageFolder: '/', events: stage.events() };
  return Validators.of({ validators: specs }, rooms, before);
}

const names = (validators: Validators, ...event: Parameters<typeof toolEvent>) =>
  validators.on(toolEvent(...event)).asked.map(({ spec: { name } }) => name);

test('an event concerns those whose agents, events and matcher mean it, in declared order', () => {
  const all = of([
    spec('all'),
    spec('gemini', { agents: ['gemini'] }),
    spec('claude', { agents: ['claude'] }),
    spec('stop', { events: ['Stop'] }),
    spec('edit', { matcher: 'Edit|Write' }),
    spec('bash', { events: ['PreToolUse'], matcher: 'Bash' }),
  ]);
  expect(names(all, 'Bash', {})).toEqual(['all', 'claude', 'bash']);
});

describe('another configuration', () => {
  test('keeps the workers of what is unchanged, wherever it stands, and lets the others go', () => {
    const before = of([spec('same'), spec('gone'), spec('changed')]);
    for (const { crew } of before.all) crew.want(1);
    const [same, gone, changed] = stage.workers;
    for (const worker of stage.workers) worker.ready();
    for (const { crew } of before.all) crew.want(0);
    const after = of([spec('changed', { timeoutMs: 1 }), spec('new'), spec('same')], before);
    expect(after.all[2]).toBe(before.all[0]);
    expect(after.all.map(({ order }) => order)).toEqual([0, 1, 2]);
    expect([same, gone, changed].map((worker) => worker?.ends)).toEqual([[], ['drain'], ['drain']]);
    expect(stage.workers).toHaveLength(3);
  });

  test('of pools renews all workers', () => {
    const all = of([spec('a')]);
    all.all[0]?.crew.want(1);
    stage.worker.ready();
    all.renew();
    expect(stage.worker.ends).toEqual(['drain']);
  });
});

describe('the code of a validator', () => {
  test('is the same while its file is, and another with its content', () => {
    const [one] = of([spec('a')]).all;
    const first = one?.codeIdentity();
    expect(first).toMatch(/^[\w-]{43}$/);
    one?.crew.want(1);
    stage.worker.ready();
    expect(one?.codeIdentity()).toBe(first);
    expect(stage.worker.ends).toEqual([]);
    writeFileSync(entry, '2');
    utimesSync(entry, 1, 1);
    expect(one?.codeIdentity()).not.toBe(first);
    expect(stage.worker.ends).toEqual(['drain']);
  });

  test('that is another is told, once; what was known only now, or has another stamp only, is not', () => {
    const [one] = of([spec('a')]).all;
    wallMs = Date.now();
    one?.codeIdentity();
    wallMs += 1_000;
    one?.codeIdentity();
    utimesSync(entry, 1, 1);
    one?.codeIdentity();
    expect(stage.told).toEqual([]);
    writeFileSync(entry, '2');
    wallMs = Date.now();
    expect(one?.codeIdentity(), 'it may still be being written').toBeUndefined();
    wallMs += 1_000;
    one?.codeIdentity();
    one?.codeIdentity();
    expect(stage.told).toEqual(['code of a']);
  });

  test('is not known right after a change, and a worker that was started then is renewed', () => {
    wallMs = Date.now();
    const [one] = of([spec('a')]).all;
    expect(one?.codeIdentity()).toBeUndefined();
    one?.crew.want(1);
    stage.worker.ready();
    wallMs += 1_000;
    expect(one?.codeIdentity()).toBeDefined();
    expect(stage.worker.ends).toEqual(['drain']);
  });

  test('cannot be told of a file that is not there', () => {
    expect(of([spec('a', { entry: join(folder, 'none') })]).all[0]?.codeIdentity()).toBeUndefined();
  });
});

test('problems: cycles, unknown names and matchers, all of them', () => {
  const specs = [
    spec('a', { dependsOn: ['b'] }),
    spec('b', { dependsOn: ['a'] }),
    spec('c', { dependsOn: ['nobody'] }),
    spec('d', { matcher: '(' }),
  ];
  expect(problemsOf(specs).map(({ where }) => where)).toEqual(['validators: d', 'validators: c', 'validators: a']);
  expect(problemsOf([spec('a'), spec('b', { dependsOn: ['a'] })])).toEqual([]);
});

test('other bounds of the same validator: its workers go on, those beyond them end', async () => {
  const before = of([spec('v', { runtime: 'python', workersMax: 2 })]);
  const [validator] = before.all;
  if (validator === undefined) throw new Error('no validator');
  const asked = [stage.ask(validator.crew), stage.ask(validator.crew)];
  for (let at = 0; at < 2; at++) stage.worker.ready();
  for (const worker of stage.workers) worker.answer();
  await Promise.all(asked);
  const after = of([spec('v', { runtime: 'python', workersMax: 1 })], before);
  expect(after.all).toEqual([validator]);
  expect(validator.spec.workersMax).toBe(1);
  expect(stage.workers.map(({ ends }) => ends)).toEqual([[], ['drain']]);
});

test('another strategy of its batches is another validator', () => {
  const batch = { strategy: 'size', maxBatchSize: 9, maxWaitMs: 9 } as const;
  const before = of([spec('v', { batch })]);
  expect(of([spec('v', { batch: { ...batch, maxBatchSize: 4 } })], before).all).toEqual(before.all);
  expect(of([spec('v', { batch: { ...batch, strategy: 'time' } })], before).all[0]).not.toBe(before.all[0]);
});
