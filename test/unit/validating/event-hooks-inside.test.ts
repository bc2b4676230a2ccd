/** An event that comes from inside a hook or validator: its hooks are not run, or one that tells an event would start itself for ever. */
import { beforeEach, expect, test } from 'vitest';
import { CLAUDE, CODEX, declare, fromOurs, resetScene, running, said, set, status, tell } from './event-hooks-scene.js';
import { settled } from './workers.js';

beforeEach(() => {
  resetScene();
  set.ours = [7];
});

const WHY = 'hooks are not run for an event that comes from inside a hook or a validator';

test('no hook of it is begun, and each that it concerns denies by its name; told once', async () => {
  declare({ name: 'guard' }, { matcher: 'Write' }, { name: 'other' });
  tell(CODEX);
  await settled();
  expect(running).toEqual([]);
  const denied = (name: string) => `${name} failed (refused): ${WHY}; without its answer this is denied\n`;
  expect(said).toEqual([`stderr ${denied('guard')}${denied('other')}`, 'answered 2 0 ']);
  expect(fromOurs).toEqual(['guard,other']);
  expect(status().map(({ failed }) => failed)).toEqual([1, 0, 1]);
});

test('with onFailure "continue" the validators answer it alone', async () => {
  set.ask = async () => ({ kind: 'answered', verdict: { decision: 'ask', reason: 'v' } });
  declare({ onFailure: 'continue' });
  tell(CLAUDE);
  await settled();
  expect(running).toEqual([]);
  expect(said[0]).toContain('"permissionDecision":"ask"');
});

test.each([
  ['an event that concerns no hook', { matcher: 'Write' }, 7, 0],
  ['a client that is nobody of ours', {}, 8, 1],
])('%s: nothing is told', async (_name, hook, clientPid, begun) => {
  declare(hook);
  tell(CLAUDE, { clientPid });
  await settled();
  expect([running.length, fromOurs]).toEqual([begun, []]);
});
