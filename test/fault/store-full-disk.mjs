// The store on a disk that is full for a while. Runs on a small file system of its own, whose folder it is given; prints what
// it saw as one line of JSON.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../dist/contract/clock.js';
import { openStore } from '../../dist/store/store.js';
import { writerThread } from '../../dist/store/thread.js';
import { CALL_RECORD } from '../lib/call-record.mjs';

const [stateFolder] = process.argv.slice(2);
const records = { on: true, batchRows: 50, batchDelayMs: 20, ageMaxDays: 30, sizeMaxBytes: 64 * 1024 * 1024 };
const said = [];
const store = openStore({
  clock: systemClock,
  wallMs: Date.now,
  config: { stateFolder, records },
  startThread: writerThread,
  told: (problem) => said.push(problem),
});
const call = { ...CALL_RECORD, detail: 'x'.repeat(200) };
let calls = 0;
const add = (count) => {
  for (let n = 0; n < count; n++) store.call({ ...call, handler: 'h', pid: ++calls });
};
async function until(what, holds) {
  const giveUpAtMs = performance.now() + 15_000;
  while (!holds()) {
    if (performance.now() > giveUpAtMs)
      throw new Error(`waited in vain for ${what}: ${JSON.stringify(store.status())}`);
    await sleep(10);
  }
}

await store.audit('started', 'before');
const filler = join(stateFolder, 'filler');
try {
  for (;;) writeFileSync(filler, Buffer.alloc(4096), { flag: 'a' });
} catch (error) {
  said.push(error.code);
}
add(2000);
await until('the trouble', () => store.status().state === 'failing');
const whileFull = { status: store.status(), degraded: store.degraded() };
add(100);
const isKept = store.audit('started', 'while full');
rmSync(filler);
await until('its end', () => store.status().waiting === 0);
const afterwards = store.status();
process.stdout.write(JSON.stringify({ said, whileFull, afterwards, isKept: await isKept, calls }));
await store.close();
process.exit(0);
