/** A daemon for the cells of a row, what it must be again after each, and a fresh one after a fault that it does not survive. */
import { readdirSync } from 'node:fs';
import { TestDaemon, TestHome } from '../../lib/daemon.js';
import { runHook } from '../../lib/hook.js';
import { identify, pidsNaming } from '../../lib/processes.js';
import { waitFor } from '../../lib/wait.js';
import { FEW_PARKED, PARKED, parkedIn, wholePool } from '../pool.js';
import { type CallOptions, CountedCall } from './call.js';
import { BadHost } from './host.js';
import { signal, untilAsleep } from './parties.js';

const SETTINGS = {
  ...FEW_PARKED,
  SUPERVISOR_SLOTS_PER_POOL: String(PARKED),
  SUPERVISOR_MEMORY_MAX_BYTES: String(96 * 1024 * 1024),
};
/** Their files are opened some time after the start, and would be counted as left. */
const WITHOUT_RECORDS = { SUPERVISOR_RECORDS: '0' };
/** Each call is to meet the disk. */
const RECORDED_AT_ONCE = { CLAUDE_HOOKS_ASYNC_BATCH_SIZE: '1' };
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
  /** Of the client of a cell's call. */
  clientOptions: readonly string[] = [];

  private constructor(
    public daemon: TestDaemon,
    readonly home: TestHome,
    readonly host: BadHost | undefined,
  ) {}

  /** @param isHostBad its disk and clock are in the hands of the cells. */
  static async open(isHostBad: boolean): Promise<Scene> {
    const home = new TestHome();
    const host = isHostBad ? new BadHost(home) : undefined;
    const daemon =
      host === undefined
        ? TestDaemon.startIn(home, { ...SETTINGS, ...WITHOUT_RECORDS })
        : await TestDaemon.attached(home, { ...SETTINGS, ...RECORDED_AT_ONCE, ...host.settings });
    const scene = new Scene(daemon, home, host);
    await scene.take();
    return scene;
  }

  /** The call of the cell. */
  call(options: CallOptions = {}): CountedCall {
    return new CountedCall(this.home, { ...options, clientOptions: this.clientOptions });
  }

  /** Whole, and warm: the first call makes what later ones find. */
  private async take(): Promise<void> {
    await runHook(this.home, ['true']);
    await this.find();
    if (this.host !== undefined) await this.untilRecorded();
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
    this.daemon = TestDaemon.startIn(this.home, { ...SETTINGS, ...WITHOUT_RECORDS });
    await this.take();
  }

  /** All is as it was before the cell, whoever may still be stopped. */
  async isAsBefore(): Promise<boolean> {
    return JSON.stringify(await this.account()) === JSON.stringify(this.before);
  }

  /** A call that is in its way. */
  other(): CountedCall {
    return new CountedCall(this.home);
  }

  /** Waits until all is as it was before the cell. */
  async untilWhole(folder: string): Promise<void> {
    await waitFor(
      `no process in ${folder}`,
      () => (pidsNaming(folder).length === 0 ? true : undefined),
      GONE_WITHIN_MS,
    );
    if (this.host !== undefined) await this.untilRecorded();
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

  /** Each record is written, none is lost; or there can be none here. */
  async untilRecorded(): Promise<void> {
    await waitFor('all records to be written', async () => {
      const { state, waiting, dropped, bad } = (await this.daemon.status()).records;
      return (state === 'on' && waiting + dropped + bad === 0) || state === 'unavailable' || undefined;
    });
  }

  private async account(): Promise<Account> {
    const { active, queued } = (await this.daemon.status()).calls;
    // Until it has closed the connection of the question.
    await untilAsleep('the daemon', this.daemonPid);
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
    if (this.host !== undefined) this.host.disk = 'well';
    const left = await this.daemon.stop();
    this.host?.close();
    return left;
  }
}

/** 0 for one that is gone: the daemon may not have noticed yet. */
function countFds(pid: number): number {
  return isRoot && identify(pid) !== undefined ? readdirSync(`/proc/${pid}/fd`).length : 0;
}
