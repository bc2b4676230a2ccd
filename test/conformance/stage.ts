/** Runs a case directly and supervised, and keeps account of the processes that answered. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Runtime } from '../../supervisor/contract/call.js';
import type { Explanation } from '../../supervisor/contract/outcome.js';
import type { PoolStatus, RunningStatus } from '../../supervisor/contract/status.js';
import { HOOK_CLIENT, TestDaemon } from '../lib/daemon.js';
import { Launcher, type LaunchResult, type StdinPlan } from '../lib/launcher.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';
import { makeWorkspace, readWorkspace } from '../lib/workspace.js';
import { type Answer, argvOf, type Form, type HookCase, type Place } from './case.js';

export interface SupervisedAnswer {
  answer: Answer;
  explanation: Explanation;
}

export class Stage {
  readonly daemon = TestDaemon.start({
    SUPERVISOR_PARKED_PYTHON: '1',
    SUPERVISOR_PARKED_NODE: '1',
    SUPERVISOR_PARKED_EXEC: '4',
    SUPERVISOR_INTERPRETER_POOLS_MAX: '15', // each case has keys of its own, and one used lately is not evicted
  });
  readonly #launcher = new Launcher();
  readonly #python = findPython();
  readonly #explainFile = join(this.daemon.home.root, 'explain.json');
  readonly #identities = new Set<string>();
  #workspaces = 0;
  place: Place = {
    workspace: '',
    venv: join(this.daemon.home.root, 'venv'),
    library: join(this.daemon.home.root, 'library'),
  };

  constructor() {
    this.nextWorkspace();
  }

  /** What the supervisor learns of the programs of one test is nothing to the next: each has a folder of its own. */
  nextWorkspace(): void {
    this.#workspaces += 1;
    const name = `work-${String(this.#workspaces).padStart(3, '0')}`;
    this.place = { ...this.place, workspace: join(this.daemon.home.root, name) };
  }

  makePythonFolders(): void {
    makeWorkspace(this.place.library, { 'helper.py': 'print("helper")\n' });
    execFileSync(this.#python.executable, ['-m', 'venv', '--without-pip', '--symlinks', this.place.venv]);
  }

  async stop(): Promise<string[]> {
    this.#launcher.close();
    return this.daemon.stop();
  }

  async direct(hook: HookCase, form: Form, extraEnv: readonly string[] = []): Promise<Answer> {
    return (await this.directRun(hook, form, extraEnv)).answer;
  }

  async directRun(hook: HookCase, form: Form, extraEnv: readonly string[] = []) {
    const command = argvOf(hook, form, this.place);
    return this.#launch(hook, 'argv' in command ? command.argv : ['/bin/sh', '-c', command.shell], extraEnv);
  }

  async supervised(hook: HookCase, form: Form, extraEnv: readonly string[] = []): Promise<SupervisedAnswer> {
    const { answer, explanation } = await this.supervisedRun(hook, form, extraEnv);
    return { answer, explanation };
  }

  /** The first call of a new pool. Pools are few, each is kept for some time after its last call, and cases are faster than
   *  that: until one makes room, calls get none. */
  async cold(hook: HookCase, form: Form, extraEnv: readonly string[]): Promise<SupervisedAnswer> {
    return waitFor('room for a new pool', async () => {
      const supervised = await this.supervised(hook, form, extraEnv);
      return supervised.explanation.why === 'all pools are busy' ? undefined : supervised;
    });
  }

  /** Through the client. A call that the client ran itself, or one answered by a process that has answered before, fails
   *  here. */
  async supervisedRun(hook: HookCase, form: Form, extraEnv: readonly string[] = []) {
    const command = argvOf(hook, form, this.place);
    const options = ['--explain', this.#explainFile, '--socket', this.daemon.home.callSocket];
    const rest = 'argv' in command ? ['--', ...command.argv] : [command.shell];
    rmSync(this.#explainFile, { force: true });
    const { answer, result } = await this.#launch(hook, [HOOK_CLIENT, form, ...options, ...rest], extraEnv);
    const explanation = JSON.parse(readFileSync(this.#explainFile, 'utf8')) as Explanation;
    expect(explanation.path, `ran directly: ${explanation.why}`).not.toBe('direct');
    // Pids come round again, and every interpreter pool counts from one.
    const pool = explanation.runtime === 'exec' ? 'exec' : this.place.workspace;
    const identity = `${pool} pid ${explanation.pid} slot ${explanation.slot} generation ${explanation.generation}`;
    expect(this.#identities, 'a process answered twice').not.toContain(identity);
    this.#identities.add(identity);
    return { answer, result, explanation };
  }

  /** Waits until a pool of this runtime that is not among `known` has a parked process. `after`: the call that should have
   *  made it. */
  async parked(runtime: Runtime, known: ReadonlySet<string> = new Set(), after?: Explanation): Promise<RunningStatus> {
    const cause = after === undefined ? '' : `; the call before said: ${after.why}`;
    return waitFor(`a parked process of a ${known.size > 0 ? 'new ' : ''}${runtime} pool${cause}`, async () => {
      const status = await this.daemon.status();
      return parkedPids(status, runtime, known).length > 0 ? status : undefined;
    });
  }

  async #launch(hook: HookCase, argv: readonly string[], extraEnv: readonly string[]) {
    makeWorkspace(this.place.workspace, hook.files ?? {});
    const result = await this.#launcher.run({
      rlimits: { CORE: [0, 0] }, // the supervisor gives hooks no core dumps; a direct run is held to the same
      ...hook.launch,
      argv,
      env: [
        ...this.#baseEnv(),
        ...(typeof hook.env === 'function' ? hook.env(this.place) : (hook.env ?? [])),
        ...extraEnv,
      ],
      cwd: this.place.workspace,
      stdin: stdinPlan(hook.stdin),
    });
    if (hook.awaitFile !== undefined) await waitForFile(join(this.place.workspace, hook.awaitFile));
    return { answer: toAnswer(result, readWorkspace(this.place.workspace)), result };
  }

  #baseEnv(): string[] {
    return [`PATH=${this.#python.path}`, `HOME=${this.daemon.home.home}`, 'LANG=C.UTF-8', 'USER=tester'];
  }
}

export function poolIds(status: RunningStatus): Set<string> {
  return new Set(status.pools.map((pool) => pool.id));
}

/** Parked processes of a runtime's pools, those of the pools in `except` apart. */
export function parkedPids(status: RunningStatus, runtime: Runtime, except: ReadonlySet<string> = new Set()): number[] {
  const isWanted = (pool: PoolStatus) => pool.runtime === runtime && !except.has(pool.id);
  const workers = status.pools.filter(isWanted).flatMap((pool) => pool.workers);
  return workers.filter(({ kind, state }) => kind === 'parked' && state === 'parked').map(({ pid }) => pid);
}

async function waitForFile(path: string): Promise<void> {
  await waitFor(path, () => (existsSync(path) ? true : undefined), 5_000);
}

function stdinPlan(stdin: HookCase['stdin']): StdinPlan {
  return typeof stdin === 'object' ? stdin : { pieces: stdin === undefined ? [] : [{ data: stdin }] };
}

function toAnswer(result: LaunchResult, files: Answer['files']): Answer {
  const { exitCode, signal, timedOut, stdout, stderr } = result;
  return { exitCode, signal, timedOut, stdout, stderr, files };
}
