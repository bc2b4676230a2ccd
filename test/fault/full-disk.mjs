// A daemon whose state and runtime folders lie on a small disk that is full for a while. Runs on a file system of its own, whose
// folder is TMPDIR; prints what it saw as one line of JSON.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENT, ScratchSupervisor } from '../bench/supervisor.mjs';

const CALLS = 20;
const WAIT_TIMEOUT_MS = 10_000;
const filler = join(tmpdir(), 'filler');
const supervisor = new ScratchSupervisor('full', process.env.PATH);
const seen = {};

function fill() {
  for (const bytes of [4096, 1]) {
    try {
      for (;;) writeFileSync(filler, Buffer.alloc(bytes), { flag: 'a' });
    } catch (error) {
      seen.code = error.code;
    }
  }
}

/** How many of some calls were answered by the daemon as a direct run answers. */
function answeredCalls() {
  const words = ['run', '--on-unavailable', 'block', '--', 'echo', 'answer'];
  const calls = Array.from({ length: CALLS }, () =>
    spawnSync(CLIENT, words, { env: supervisor.env, encoding: 'utf8' }),
  );
  return calls.filter(({ status, stdout }) => status === 0 && stdout === 'answer\n').length;
}

async function until(what, isSo) {
  for (const giveUpAtMs = performance.now() + WAIT_TIMEOUT_MS; ; await sleep(20)) {
    const status = await supervisor.status();
    if (isSo(status)) return status;
    if (performance.now() > giveUpAtMs) throw new Error(`waited in vain for ${what}: ${JSON.stringify(status)}`);
  }
}

try {
  supervisor.up();
  await supervisor.untilWarm(WAIT_TIMEOUT_MS);
  await until('the records', ({ records }) => records.state === 'on' || records.state === 'unavailable');
  fill();
  seen.whileFull = answeredCalls();
  const [keeper] = (await supervisor.status()).keepers;
  process.kill(keeper.pid, 'SIGKILL');
  await until('another keeper', ({ pools }) => pools.every(({ restarts, parked }) => restarts === 1 && parked > 0));
  seen.withAnotherKeeper = answeredCalls();
  const { degraded } = await until('the trouble to be told', ({ records }) => records.state !== 'on');
  seen.degraded = degraded.map(({ layer }) => layer);
  supervisor.verb('down');
  supervisor.up();
  seen.startedWhileFull = answeredCalls();
  supervisor.verb('down');
  rmSync(filler);
  supervisor.up();
  seen.afterwards = answeredCalls();
  await until('the records', ({ records }) => records.state === 'on' && records.waiting === 0);
  const log = readFileSync(join(supervisor.env.XDG_STATE_HOME, 'hook-supervisor', 'daemon.log'), 'utf8');
  seen.lastLogLine = log.trimEnd().split('\n').at(-1);
} catch (error) {
  seen.error = error.stack;
} finally {
  try {
    seen.leftBehind = supervisor.down();
  } catch (error) {
    seen.leftBehind = [String(error)];
  }
}
process.stdout.write(JSON.stringify({ calls: CALLS, ...seen }));
