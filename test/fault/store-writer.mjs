// A daemon's store alone, with its thread, writing as fast as it is taken: calls, and records of the daemon one after the
// other. Tells each of those, once it is said to be on disk, as a line on stdout, with how many calls were given and how many of
// them wait; how many were given in all is in the file `given`. Ends when it is killed.
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../dist/contract/clock.js';
import { openStore } from '../../dist/store/store.js';
import { writerThread } from '../../dist/store/thread.js';
import { CALL_RECORD } from '../lib/call-record.mjs';

const [stateFolder, life, sizeMaxBytes = String(64 * 1024 * 1024)] = process.argv.slice(2);
const records = { on: true, batchRows: 50, batchDelayMs: 20, ageMaxDays: 30, sizeMaxBytes: Number(sizeMaxBytes) };
const store = openStore({
  clock: systemClock,
  wallMs: Date.now,
  config: { stateFolder, records },
  startThread: writerThread,
  told: (problem) => process.stderr.write(`${problem}\n`),
});
const givenFd = openSync(join(stateFolder, 'given'), 'w');
let calls = 0;
setInterval(() => {
  for (let n = 0; n < 20; n++) store.call({ ...CALL_RECORD, handler: `life ${life}`, pid: ++calls });
  writeSync(givenFd, String(calls), 0);
}, 5);
for (let n = 1; ; n++) {
  if (await store.audit('started', `${life}:${n}`)) process.stdout.write(`${n} ${calls} ${store.status().waiting}\n`);
}
