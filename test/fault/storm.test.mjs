// `npm run storm` in small, and the daemon killed twice under the same load.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isClean, linesOf } from '../demo/residue.mjs';
import { Storm } from '../storm/storm.mjs';

const CALLS = 300;
const CRASHES = 2;
const SEED = 1;

const storm = new Storm({ calls: CALLS, clients: 16, seed: SEED });
after(() => storm.cleanUp());

test('300 mixed calls while workers and keepers are killed: none wrong, lost or hung, each failure explained by a kill', async () => {
  const { unrest } = await storm.run();
  const { ended, wrong, lost, hung, problems } = storm.tally;
  assert.deepEqual(problems, []);
  assert.deepEqual({ ended, wrong, lost, hung }, { ended: CALLS, wrong: 0, lost: 0, hung: 0 });
  assert.ok(storm.kills.list.length > 0, 'nothing was killed');
  assert.deepEqual(unrest, []);
});

test('daemon killed under load: calls run directly or tell of its death, nothing outlives it, the next one serves', async (context) => {
  const { tallies, survivors, servesMs, servesAmongCallsMs } = await storm.crash(CRASHES, CALLS / 2);
  assert.deepEqual(
    tallies.flatMap(({ problems }) => problems),
    [],
  );
  assert.deepEqual(survivors, []);
  assert.equal(servesMs.length + servesAmongCallsMs.length, CRASHES);
  context.diagnostic(
    `served ${Math.round(servesMs[0])} ms after its start, ${Math.round(servesAmongCallsMs[0])} among the calls`,
  );
  const left = await storm.end();
  assert.ok(isClean(left), linesOf(left).join('\n'));
});
