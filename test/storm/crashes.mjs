// kill -9 of the daemon under load: what becomes of the calls, what is left, and how soon the next one serves.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCall } from '../soak/call.mjs';

const REPOSITORY = join(import.meta.dirname, '..', '..');
const CRASHED = /^supervisor-hook: the supervisor died /m;
const GONE_TIMEOUT_MS = 5_000;
const SERVES_TIMEOUT_MS = 10_000;
const LOOK_EVERY_MS = 5;

export class Crashes {
  tallies = [];
  /** For each: from the kill until the last process below the daemon was gone; from the start of the next one until a call was
   *  answered by it. */
  goneMs = [];
  servesAmongCallsMs = [];
  servesMs = [];
  /** Processes that outlived their daemon. */
  survivors = [];
  #killedAtMs = Number.NaN;

  constructor(supervisor, random) {
    this.supervisor = supervisor;
    this.random = random;
  }

  /** A call that the daemon had started is told to have crashed, and only one that was there when the daemon was killed. */
  explain({ answer, startedAtMs, endedAtMs }) {
    const wasThere = startedAtMs <= this.#killedAtMs && this.#killedAtMs <= endedAtMs;
    return wasThere && !answer.isHung && answer.code === 1 && CRASHED.test(answer.stderr);
  }

  /** @param progress () => the part of the calls that has ended.
   *  @param before what the next daemon waits for; undefined: it starts at once. */
  async one(progress, before) {
    const at = 0.1 + this.random() * 0.6;
    while (progress() < at) await sleep(1);
    const { pid } = await this.supervisor.status();
    const below = descendants(pid);
    this.#killedAtMs = performance.now();
    process.kill(pid, 'SIGKILL');
    while (below.some(isAlive) && performance.now() - this.#killedAtMs < GONE_TIMEOUT_MS) await sleep(LOOK_EVERY_MS);
    this.goneMs.push(performance.now() - this.#killedAtMs);
    this.survivors.push(...below.filter(isAlive));
    await before;
    (before === undefined ? this.servesAmongCallsMs : this.servesMs).push(await this.#startAnew());
  }

  async #startAnew() {
    const { env, folder } = this.supervisor;
    const startedAtMs = performance.now();
    const args = [join(REPOSITORY, 'dist', 'main.js')];
    spawn(process.execPath, args, { env, cwd: folder, detached: true, stdio: 'ignore' }).unref();
    const call = { command: ['true'], options: ['--on-unavailable', 'block'], stdin: [''] };
    while (performance.now() - startedAtMs < SERVES_TIMEOUT_MS) {
      if ((await makeCall(call, { isDirect: false, env, cwd: folder })).code === 0)
        return performance.now() - startedAtMs;
      await sleep(LOOK_EVERY_MS);
    }
    throw new Error('the daemon does not serve again');
  }
}

function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parentPid: Number(parent), startTicks: rest[17] };
  } catch {
    return undefined; // it has ended
  }
}

/** [{ pid, startTicks }] of all that a process has started, and theirs. */
function descendants(pid) {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = statOf(name);
      return stat === undefined ? [] : [{ pid: Number(name), ...stat }];
    });
  const below = (one) =>
    all.filter(({ parentPid }) => parentPid === one).flatMap((child) => [child, ...below(child.pid)]);
  return below(pid);
}

function isAlive({ pid, startTicks }) {
  const stat = statOf(pid);
  return stat !== undefined && stat.state !== 'Z' && stat.startTicks === startTicks;
}
