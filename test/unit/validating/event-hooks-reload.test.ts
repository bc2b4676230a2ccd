/** Another configuration comes in force while an event is on its way. */
import { beforeEach, expect, test } from 'vitest';
import { CLAUDE, declare, denies, resetScene, running, said, set, tell } from './event-hooks-scene.js';
import { settled } from './workers.js';

let foundProject: (folder: string) => void;
let asked: number;
beforeEach(() => {
  resetScene();
  asked = 0;
  set.project = new Promise((resolve) => {
    foundProject = resolve;
  });
  set.ask = async () => {
    asked++;
    return { kind: 'answered', verdict: { decision: 'deny', reason: 'v' } };
  };
});

test('a guard that was a validator and is a hook from then on is asked, as the hook', async () => {
  declare();
  tell(CLAUDE);
  set.hasValidator = false;
  declare({});
  foundProject('/p');
  await settled();
  expect([asked, running.length]).toEqual([0, 1]);
  denies(running[0], 'no');
  await settled();
  expect(said).toEqual(['stderr no', 'answered 2 0 ']);
});

test('validators and hooks are those of one configuration: a hook that is gone by then is not run beside them', async () => {
  declare({ command: 'old' });
  tell(CLAUDE);
  declare({ command: 'new' });
  foundProject('/p');
  await settled();
  expect([asked, running.map(({ call }) => call.argv.at(-1))]).toEqual([1, ['new']]);
});
