// `npm run soak` in small: every kind of call, many at once. What only many calls can show, growth, is left to the long one.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isClean, linesOf } from '../demo/residue.mjs';
import { Soak } from '../soak/soak.mjs';

const CALLS = 600;

const soak = new Soak({ calls: CALLS, clients: 16 });
after(() => soak.cleanUp());

test('600 mixed calls from 16 clients: each answered as a direct run answers, none lost, none hung, nothing left', async () => {
  const { status, unrest, left } = await soak.run();
  const { ended, wrong, lost, hung, problems, byKind } = soak.tally;
  assert.deepEqual(problems, []);
  assert.deepEqual({ ended, wrong, lost, hung }, { ended: CALLS, wrong: 0, lost: 0, hung: 0 });
  assert.deepEqual(unrest, []);
  assert.ok(isClean(left), linesOf(left).join('\n'));
  assert.ok(byKind.size > 20, `${byKind.size} kinds`);
  // A client that is killed early may not have called at all.
  assert.ok(status.calls.total > CALLS * 0.9, `the daemon saw ${status.calls.total} calls`);
  assert.ok(status.calls.byPath.worker > 0 && status.calls.switched > 0, JSON.stringify(status.calls));
});
