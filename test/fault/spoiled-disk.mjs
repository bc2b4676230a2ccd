// The frame of the programs that spoil the disk under a daemon. Each runs on a file system of its own, whose folder is TMPDIR, and
// prints what it saw as one line of JSON.
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENT, ScratchSupervisor } from '../bench/supervisor.mjs';

const WAIT_TIMEOUT_MS = 10_000;
export const BY_DAEMON = ['--on-unavailable', 'block'];

export class SpoiledDisk extends ScratchSupervisor {
  seen;

  constructor(name, calls) {
    super(name, process.env.PATH);
    this.calls = calls;
    this.seen = { calls };
  }

  /** @param play writes what it sees into `seen`. */
  async play(play) {
    try {
      this.up();
      await this.untilWarm(WAIT_TIMEOUT_MS);
      await play();
    } catch (error) {
      this.seen.error = error.stack;
    }
    try {
      this.seen.leftBehind = this.down();
    } catch (error) {
      this.seen.leftBehind = [String(error)];
    }
    process.stdout.write(JSON.stringify(this.seen));
  }

  /** How many of some calls were answered as a direct run answers; by the daemon alone where `options` say so. */
  answered(...options) {
    const words = ['run', ...options, '--', 'echo', 'answer'];
    const calls = Array.from({ length: this.calls }, () =>
      spawnSync(CLIENT, words, { env: this.env, encoding: 'utf8' }),
    );
    return calls.filter(({ status, stdout, stderr }) => status === 0 && stdout === 'answer\n' && stderr === '').length;
  }

  async until(what, isSo) {
    for (const giveUpAtMs = performance.now() + WAIT_TIMEOUT_MS; ; await sleep(20)) {
      const status = await this.status();
      if (isSo(status)) return status;
      if (performance.now() > giveUpAtMs) throw new Error(`waited in vain for ${what}: ${JSON.stringify(status)}`);
    }
  }

  async replaceKeeper() {
    const [keeper] = (await this.status()).keepers;
    process.kill(keeper.pid, 'SIGKILL');
    await this.until('another keeper', ({ pools }) =>
      pools.every(({ restarts, parked }) => restarts === 1 && parked > 0),
    );
  }
}
