/** A daemon for the cells of a row, what it must be again after each, and a fresh one after a fault that it does not survive. */
import { readdirSync } from 'node:fs';
import { TestDaemon, type TestHome } from '../../lib/daemon.js';
import { runHook } from '../../lib/hook.js';
import { identify, pidsNaming } from '../../lib/processes.js';
import { waitFor } from '../../lib/wait.js';
import { FEW_PARKED, PARKED, parkedIn, wholePool } from '../pool.js';
import { signal } from './parties.js';

/** Without records: their files are opened some time after the start, and would be counted as left. */
const SETTINGS = { ...FEW_PARKED, SUPERVISOR_SLOTS_PER_POOL: String(PARKED), SUPERVISOR_RECORDS: '0' };
/** Only root can count the descriptors of processes that hide from their own user. */
const isRoot = process.getuid?.() === 0;
const GONE_WITHIN_MS = 2_000;
const SETTLED_LOOKS = 3;

export interface Account {
  calls: number;
  daemonFds: number;
  keeperFds: number;
  runtimeFiles: string[];
}

export class Scene {
  daemonPid = 0;
  keeperPid = 0;
  parkedPids: number[] = [];
  before: Account | undefined;

  private constructor(
    public daemon: TestDaemon,
    readonly home: TestHome,
  ) {}

  static async open(): Promise<Scene> {
    const daemon = TestDaemon.start(SETTINGS);
    const scene = new Scene(daemon, daemon.home);
    await scene.take();
    return scene;
  }

  /** Whole, and warm: the first call makes what later ones find. */
  private async take(): Promise<void> {
    await runHook(this.home, ['true']);
    await this.find();
    // Connections of the calls and questions so far take a moment to close.
    let looksInRow = 0;
    await waitFor('the daemon to rest', async () => {
      const now = await this.account();
      looksInRow = JSON.stringify(now) === JSON.stringify(this.before) ? looksInRow + 1 : 0;
      this.before = now;
      return looksInRow >= SETTLED_LOOKS ? true : undefined;
    });
  }

  async find(): Promise<void> {
    const pool = await wholePool(this.daemon, 'exec');
    this.keeperPid = pool.keeper;
    this.parkedPids = parkedIn(pool).map(({ pid }) => pid);
    this.daemonPid = (await this.daemon.status()).pid;
  }

  /** After its death. */
  async startAgain(): Promise<void> {
    this.daemon = TestDaemon.startIn(this.home, SETTINGS);
    await this.take();
  }

  /** Waits until all is as it was before the cell. */
  async untilWhole(folder: string): Promise<void> {
    await waitFor(
      `no process in ${folder}`,
      () => (pidsNaming(folder).length === 0 ? true : undefined),
      GONE_WITHIN_MS,
    );
    let seen = '';
    const due = JSON.stringify(this.before);
    await waitFor('the pool to be whole', async () => {
      await this.find();
      seen = JSON.stringify(await this.account());
      return seen === due ? true : undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${seen}, before ${due}`);
    });
  }

  private async account(): Promise<Account> {
    const { active, queued } = (await this.daemon.status()).calls;
    return {
      calls: active + queued,
      daemonFds: countFds(this.daemonPid),
      keeperFds: countFds(this.keeperPid),
      runtimeFiles: readdirSync(this.home.runtimeFolder).sort(),
    };
  }

  /** A cell that failed may have left somebody stopped. */
  async close(): Promise<string[]> {
    for (const pid of [this.daemonPid, this.keeperPid]) signal(pid, 'SIGCONT');
    return this.daemon.stop();
  }
}

/** 0 for one that is gone: the daemon may not have noticed yet. */
function countFds(pid: number): number {
  return isRoot && identify(pid) !== undefined ? readdirSync(`/proc/${pid}/fd`).length : 0;
}
