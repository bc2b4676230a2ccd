// A daemon whose state and runtime folders lie on a disk that takes no further file for a while, though there is room. Runs on a
// file system of its own, whose folder is TMPDIR; prints what it saw as one line of JSON.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENT, ScratchSupervisor } from '../bench/supervisor.mjs';

const CALLS = 10;
const WAIT_TIMEOUT_MS = 10_000;
const names = join(tmpdir(), 'names');
const supervisor = new ScratchSupervisor('names', process.env.PATH);
const seen = {};
let made = 0;

function takeNames() {
  mkdirSync(names, { recursive: true });
  try {
    for (;;) writeFileSync(join(names, String(made++)), '');
  } catch (error) {
    seen.code = error.code;
  }
}

/** How many of some calls were answered as a direct run answers; by the daemon alone where `options` say so. */
function answered(...options) {
  const words = ['run', ...options, '--', 'echo', 'answer'];
  const calls = Array.from({ length: CALLS }, () =>
    spawnSync(CLIENT, words, { env: supervisor.env, encoding: 'utf8' }),
  );
  return calls.filter(({ status, stdout, stderr }) => status === 0 && stdout === 'answer\n' && stderr === '').length;
}
const BY_DAEMON = ['--on-unavailable', 'block'];

async function anotherKeeper() {
  for (const giveUpAtMs = performance.now() + WAIT_TIMEOUT_MS; performance.now() < giveUpAtMs; await sleep(20)) {
    const { pools } = await supervisor.status();
    if (pools.every(({ restarts, parked }) => restarts === 1 && parked > 0)) return;
  }
  throw new Error('waited in vain for another keeper');
}

try {
  supervisor.up();
  await supervisor.untilWarm(WAIT_TIMEOUT_MS);
  takeNames();
  seen.withoutNames = answered(...BY_DAEMON);
  const [keeper] = (await supervisor.status()).keepers;
  process.kill(keeper.pid, 'SIGKILL');
  await anotherKeeper();
  seen.withAnotherKeeper = answered(...BY_DAEMON);
  supervisor.verb('down');
  takeNames();
  const before = readdirSync(supervisor.folder);
  const up = spawnSync(process.execPath, [join(CLIENT, '../supervisor'), 'up', '-d'], {
    env: supervisor.env,
    encoding: 'utf8',
  });
  seen.up = { status: up.status, stderr: up.stderr };
  seen.leftByStart = readdirSync(supervisor.folder).filter((name) => !before.includes(name));
  seen.withoutDaemon = answered();
  rmSync(names, { recursive: true });
  supervisor.up();
  seen.afterwards = answered(...BY_DAEMON);
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
