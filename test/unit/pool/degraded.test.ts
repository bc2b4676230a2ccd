/** What `status` says of pools and limits that are not as they should be. */
import { expect, test } from 'vitest';
import { STAGE_TEXT } from '../../../supervisor/contract/stage.js';
import { lostLimit, poolsDegraded } from '../../../supervisor/pool/degraded.js';
import { heldText } from '../../../supervisor/pool/held-text.js';

const stageOf = (text: string) => Number(Object.keys(STAGE_TEXT).find((stage) => STAGE_TEXT[Number(stage)] === text));

test('a limit that could not be written is named with its errno', () => {
  const failure = { stage: stageOf('writing a limit of the cgroup leaf'), errnum: 2, subject: 'cpu.max.burst' };
  expect(lostLimit(failure)).toMatchObject({
    layer: 'limit cpu.max.burst',
    reason: expect.stringContaining('errno 2'),
  });
});

test('any other failed step is no limit', () => {
  expect(lostLimit({ stage: stageOf('forking'), errnum: 11, subject: '' })).toBeUndefined();
});

test('a pool in quarantine is told with its cause, what its hooks do meanwhile, and when it is tried again', () => {
  const held = (runtime: 'exec' | 'node', describes: string, nextStartInMs?: number) => {
    const heldBecause = heldText({ runtime }, 'exit status 1', 'Error: no');
    return {
      spec: { id: 'p', runtime, describes },
      life: { nextStartInMs: () => nextStartInMs },
      heldBecause,
      isUnknown: false,
    };
  };
  expect(poolsDegraded([held('node', '/usr/bin/node', 29_001), held('exec', '')])).toEqual([
    {
      layer: 'warm /usr/bin/node (p)',
      reason: 'this interpreter or environment cannot be kept warm: exit status 1: Error: no',
      remedy: 'none needed: its hooks run through exec, and it tries again in 30 s',
    },
    {
      layer: 'warm any command (p)',
      reason: 'processes for any command cannot be kept warm: exit status 1: Error: no',
      remedy: 'none needed: its hooks run directly or are refused, as their policy is, and it tries again soon',
    },
  ]);
});

test('a cause without words: where they may be found, or the limit that was met', () => {
  const of = (cause: string, words: string) => heldText({ runtime: 'python' }, cause, words);
  expect(of('exit status 1', '')).toMatch(/: exit status 1: keeper\.log may say why$/);
  expect(of('exit status 1', 'Error: no')).toMatch(/: exit status 1: Error: no$/);
  expect(of('while parked: out of memory', '')).toMatch(/: out of memory: limits\.memoryMaxBytes or /);
});

test('a Node that we do not know is told, and one that we know is not', () => {
  const node = (isUnknown: boolean) => {
    const spec = { id: 'p', runtime: 'node' as const, describes: '/usr/bin/node' };
    return { spec, life: { nextStartInMs: () => undefined }, heldBecause: undefined, isUnknown };
  };
  expect(poolsDegraded([node(true), node(false)])).toMatchObject([
    { layer: 'warm /usr/bin/node (p)', reason: expect.stringContaining('under other names') },
  ]);
});
