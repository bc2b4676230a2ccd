// A daemon's shelf alone, with its thread. Says, as a line of JSON, which answers the last life has left; then keeps one after the other,
// each known by its number, and forgets those of one validator at times. SIGTERM: ends as a daemon does, and says what was kept.
import { systemClock } from '../../dist/contract/clock.js';
import { openStore } from '../../dist/store/store.js';
import { writerThread } from '../../dist/store/thread.js';

const [stateFolder, life, pauseMs] = process.argv.slice(2);
const store = openStore({
  clock: systemClock,
  wallMs: Date.now,
  config: {
    stateFolder,
    records: { on: true, batchRows: 50, batchDelayMs: 20, ageMaxDays: 30, sizeMaxBytes: 2 ** 24 },
  },
  startThread: writerThread,
  told: (problem) => process.stderr.write(`${problem}\n`),
});
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
say((await store.shelf.load()).answers);
let kept = 0;
const timer = setInterval(() => {
  const number = ++kept;
  const answer = {
    key: `${life}:${number}`,
    validator: `v${number % 100}`,
    text: JSON.stringify({ decision: 'deny', reason: String(number) }),
  };
  store.shelf.save({ ...answer, keptAtMs: Date.now(), ttlMs: 60_000 });
  if (number % 50 === 0) store.shelf.forget('v0');
}, Number(pauseMs));
process.once('SIGTERM', async () => {
  clearInterval(timer);
  await store.close();
  say(kept);
  process.exit();
});
