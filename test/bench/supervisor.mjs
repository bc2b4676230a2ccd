// A supervisor of the demo's or the benchmark's own: home, state and runtime folder lie in one temporary folder, so that
// one that is already running for this user is neither used nor disturbed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ask } from '../../dist/control/client.js';
import { takenDownAtEnd } from '../run/ending.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));
export const CLIENT = join(repository, 'bin', 'supervisor-hook');
const VERB_OUTPUT_MAX_BYTES = 256 << 20; // a hundred thousand records, as JSON
const VERB_TIMEOUT_MS = 120_000; // a machine without KVM, or a busy one, is slow and not at fault
const STATUS_TIMEOUT_MS = 5_000;
const POLL_EVERY_MS = 50;

export class ScratchSupervisor {
  /** @param installation where the package lies that is run. */
  constructor(name, path, installation = repository) {
    this.commandLine = join(installation, 'bin', 'supervisor');
    this.folder = mkdtempSync(join(tmpdir(), `hook-supervisor-${name}-`));
    this.home = join(this.folder, 'home');
    this.runtimeFolder = join(this.folder, 'run');
    mkdirSync(this.home);
    /** From then on its end is the caller's business. */
    this.release = takenDownAtEnd(() => {
      this.down();
      this.remove();
    });
    /** Nothing else of the environment is handed on: NODE_EXTRA_CA_CERTS and its like change what a start costs. */
    this.env = {
      PATH: path,
      HOME: this.home,
      LANG: 'C.UTF-8',
      XDG_CONFIG_HOME: join(this.home, '.config'),
      XDG_STATE_HOME: join(this.home, '.local', 'state'),
      SUPERVISOR_RUNTIME_DIR: this.runtimeFolder,
    };
  }

  /** What a verb of the command line says. Throws if it fails: nothing here is expected to. */
  verb(...args) {
    return this.verbWith(this.env, ...args);
  }

  verbWith(env, ...args) {
    const options = {
      env,
      cwd: this.folder,
      encoding: 'utf8',
      timeout: VERB_TIMEOUT_MS,
      maxBuffer: VERB_OUTPUT_MAX_BYTES,
    };
    const result = spawnSync(process.execPath, [this.commandLine, ...args], options);
    if (result.status === 0) return `${result.stdout}${result.stderr}`.trimEnd();
    throw new Error(`supervisor ${args.join(' ')}: exit ${result.status ?? result.signal}\n${result.stderr}`);
  }

  up() {
    return this.verb('up', '-d');
  }

  /** The status as `supervisor status --json` has it, without the start of a Node process. */
  async status() {
    const answer = await ask(join(this.runtimeFolder, 'control.sock'), 'status', STATUS_TIMEOUT_MS);
    if (answer.kind !== 'reply' || !answer.reply.ok) throw new Error(`no status: ${JSON.stringify(answer)}`);
    return answer.reply.status;
  }

  /** Waits until every pool has parked processes, or the time is over: a slow machine is no failure. */
  async untilWarm(timeoutMs) {
    const giveUpAtMs = performance.now() + timeoutMs;
    for (;;) {
      const { pools } = await this.status();
      if (pools.every((pool) => pool.state === 'ready' && pool.parked > 1)) return true;
      if (performance.now() > giveUpAtMs) return false;
      await sleep(POLL_EVERY_MS);
    }
  }

  /** Stops the daemon if there is one, and names what is left of it: nothing when all is well. */
  down() {
    if (existsSync(this.runtimeFolder)) this.verb('down');
    const left = processesNaming(this.folder);
    if (readFileSync('/proc/net/unix', 'latin1').includes(this.folder)) left.push('a socket');
    if (existsSync(this.runtimeFolder)) left.push(this.runtimeFolder);
    return left;
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
    this.release();
  }
}

function processesNaming(folder) {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  return pids.filter((pid) => readProc(pid, 'cmdline', 'environ').includes(folder)).map((pid) => `process ${pid}`);
}

function readProc(pid, ...names) {
  try {
    return names.map((name) => readFileSync(`/proc/${pid}/${name}`, 'latin1')).join('\0');
  } catch {
    return ''; // it has ended, or is not ours
  }
}
