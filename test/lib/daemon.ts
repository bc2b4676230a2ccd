/** A supervisor of a test's own: runtime folder, home and state in a temporary folder that goes away with it. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunningStatus } from '../../supervisor/contract/status.js';
import { ask } from '../../supervisor/control/client.js';
import { commandLine, descendants, identify, isAlive, type ProcessIdentity, pidsNaming } from './processes.js';
import { waitFor } from './wait.js';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
export const SUPERVISOR = join(REPOSITORY, 'bin/supervisor');
const STATUS_TIMEOUT_MS = 5_000;
export const HOOK_CLIENT = join(REPOSITORY, 'bin/supervisor-hook');

/** Folders of one test, and the environment that makes the command line use them. */
export class TestHome {
  readonly root = mkdtempSync(join(tmpdir(), 'hook-supervisor-test-'));
  readonly home = join(this.root, 'home');
  readonly runtimeFolder = join(this.root, 'run');
  readonly callSocket = join(this.runtimeFolder, 'call.sock');
  readonly logFile = join(this.home, '.local/state/hook-supervisor/daemon.log');
  readonly env = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: this.home,
    XDG_CONFIG_HOME: join(this.home, '.config'),
    XDG_STATE_HOME: join(this.home, '.local/state'),
    SUPERVISOR_RUNTIME_DIR: this.runtimeFolder,
  };

  /** @param program the `supervisor` that runs here. */
  constructor(readonly program = SUPERVISOR) {
    mkdirSync(this.home);
  }

  /** Runs a program to its end. */
  execute(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const options = { env: { ...this.env, ...env }, cwd: this.root, encoding: 'utf8', timeout: 20_000 } as const;
    return spawnSync(program, args, options);
  }

  supervisor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    return this.execute(this.program, args, env);
  }

  /** As `supervisor`, without holding up the test's own process. */
  supervisorLater(args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      const child = execFile(this.program, args, { env: this.env, cwd: this.root }, (_error, stdout, stderr) =>
        resolve({ code: child.exitCode, stdout, stderr }),
      );
    });
  }

  log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export class TestDaemon {
  readonly #seen = new Map<number, ProcessIdentity>();

  private constructor(readonly home: TestHome) {}

  /** `settings`: SUPERVISOR_* variables. */
  static start(settings: Readonly<Record<string, string>> = {}): TestDaemon {
    return TestDaemon.startIn(new TestHome(), settings);
  }

  static startIn(home: TestHome, settings: Readonly<Record<string, string>> = {}): TestDaemon {
    const up = home.supervisor(['up', '-d'], settings);
    if (up.status !== 0) {
      const log = home.log().slice(-4000);
      home.remove();
      throw new Error(`supervisor up -d: exit ${up.status ?? up.signal}\n${up.stdout}${up.stderr}${log}`);
    }
    return new TestDaemon(home);
  }

  /** As a child of the test's own process, with all of `settings` in its environment: `up -d` passes on what it knows. */
  static async attached(home: TestHome, settings: Readonly<Record<string, string>> = {}): Promise<TestDaemon> {
    const child = spawn(home.program, ['up'], { env: { ...home.env, ...settings }, cwd: home.root, stdio: 'ignore' });
    const daemon = new TestDaemon(home);
    await waitFor('an attached daemon', () => {
      if (child.exitCode !== null) throw new Error(`supervisor up: exit ${child.exitCode}\n${home.log().slice(-4000)}`);
      return daemon.status().catch(() => undefined);
    });
    return daemon;
  }

  /** What `supervisor status --json` prints, without the start of a Node process. Also notes the processes it names, for
   *  the account at the end. */
  async status(): Promise<RunningStatus> {
    const answer = await ask(join(this.home.runtimeFolder, 'control.sock'), 'status', STATUS_TIMEOUT_MS);
    const status = answer.kind === 'reply' && answer.reply.ok ? answer.reply.status : undefined;
    if (status === undefined) throw new Error(`no status: ${JSON.stringify(answer)}`);
    const workers = status.pools.flatMap((pool) => pool.workers);
    for (const { pid } of [status, ...status.keepers, ...workers]) this.#note(pid);
    return status;
  }

  /** Stops it and tells what was left behind: nothing when all is well. */
  async stop(): Promise<string[]> {
    const { pid } = await this.status();
    for (const descendant of descendants([pid])) this.#note(descendant);
    const down = this.home.supervisor(['down']);
    const left = this.processesLeft();
    const { runtimeFolder } = this.home;
    if (readFileSync('/proc/net/unix', 'latin1').includes(runtimeFolder)) left.push(`a socket in ${runtimeFolder}`);
    // A daemon removes the folder only if it made it: one that was killed leaves it, empty, to its successor.
    const files = existsSync(runtimeFolder) ? readdirSync(runtimeFolder) : [];
    left.push(...files.map((name) => join(runtimeFolder, name)));
    if (down.status !== 0) left.push(`down: exit ${down.status ?? down.signal}: ${down.stderr}`);
    this.home.remove();
    return left;
  }

  /** Processes of this daemon that live: those seen in its status, and any that names its folders. */
  processesLeft(): string[] {
    const seen = [...this.#seen.values()].filter(isAlive).map(({ pid }) => pid);
    return [...new Set([...seen, ...pidsNaming(this.home.root)])].map((pid) => `process ${pid}: ${commandLine(pid)}`);
  }

  #note(pid: number): void {
    const identity = identify(pid);
    if (identity !== undefined) this.#seen.set(pid, identity);
  }
}
