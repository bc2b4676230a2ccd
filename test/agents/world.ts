/** One agent, its model, a daemon and a home of their own: sessions by script, hooks as they are and wrapped. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { entriesOf, type HookEntry } from '../../supervisor/agents/json/entries.js';
import { TestDaemon, TestHome } from '../lib/daemon.js';
import { commandLine, identify, pidsNaming } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';
import { makeWorkspace } from '../lib/workspace.js';
import type { AgentClient, WantedHooks } from './clients/client.js';
import { ModelServer, type Turn } from './model-server.js';
import { plainText, type Substitution, withoutClient } from './plain.js';

const SESSION_TIMEOUT_MS = 100_000;
/** For what an agent has written to be read, once it has ended. */
const LAST_WORDS_MS = 50;
/** Of a killed agent's hook: the client gives it five seconds. */
const GONE_TIMEOUT_MS = 10_000;

export interface SessionEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** What the agent told whoever started it, and its model, in one form. */
  stdout: string;
  stderr: string;
  talks: string;
}

/** A session that runs; its `nonce` stands in the environment of all that it starts. */
export interface Session {
  agent: ChildProcess;
  nonce: string;
  end: Promise<SessionEnd>;
}

export class AgentWorld {
  readonly project: string;
  readonly #scratch: string;
  readonly #hookFile: string;
  #client: AgentClient;
  #substitutions: Substitution[] = [];
  /** Of the project, which each session finds anew. */
  #files: Record<string, string> = {};
  readonly #nonces: string[] = [];

  private constructor(
    client: AgentClient,
    readonly program: readonly string[],
    readonly home: TestHome,
    readonly daemon: TestDaemon,
    readonly model: ModelServer,
  ) {
    this.#client = client;
    this.project = join(home.home, client.project.name);
    // Below /tmp Codex refuses to put its helpers, unless temporary files are elsewhere.
    this.#scratch = join(home.root, 'scratch');
    this.#hookFile = join(home.home, client.hookFile);
    mkdirSync(this.#scratch);
  }

  static async start(client: AgentClient, program: readonly string[]): Promise<AgentWorld> {
    const home = new TestHome();
    const model = await ModelServer.start(client.protocol);
    return new AgentWorld(client, program, home, TestDaemon.startIn(home), model);
  }

  /** What was left behind. */
  async close(): Promise<string[]> {
    await this.model.close();
    const left = this.#nonces.flatMap((nonce) => this.processes(nonce));
    for (const nonce of this.#nonces) this.endLeft(nonce);
    return [...left, ...(await this.daemon.stop())];
  }

  wants(hooks: WantedHooks, files: Record<string, string> = {}): void {
    this.#files = files;
    this.#substitutions = [];
    this.renewFiles();
    this.#put(this.#client.hookFile, this.#client.hookFileText(hooks));
  }

  /** Of the agent's own configuration, hooks apart. */
  renewFiles(): void {
    for (const [name, text] of Object.entries(this.#client.files(this.#place))) this.#put(name, text);
  }

  /** By the command line, as a user would. */
  install(): void {
    const before = this.#entries();
    this.#supervisor('install');
    this.#substitutions = withoutClient(this.#entries(), before);
  }

  uninstall(): void {
    this.#supervisor('uninstall');
    this.#substitutions = [];
  }

  hookFileText(): string {
    return readFileSync(this.#hookFile, 'latin1');
  }

  /** A file that a hook or a tool has written into the project. */
  written(name: string): string {
    return readdirSync(this.project).includes(name) ? readFileSync(join(this.project, name), 'latin1') : '';
  }

  /** @param client other than the world's: the same agent started in another way. */
  begin(turns: readonly Turn[], client = this.#client): Session {
    const nonce = randomUUID();
    this.#nonces.push(nonce);
    makeWorkspace(this.project, this.#files);
    this.model.play(turns);
    const [program = '', ...args] = [...this.program, ...client.args];
    const agent = spawn(program, args, {
      cwd: this.project,
      env: { ...this.home.env, TMPDIR: this.#scratch, ...client.env(this.#place), HS_NONCE: nonce },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      timeout: SESSION_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      agent[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    }
    const end = new Promise<SessionEnd>((resolve, reject) => {
      agent.on('error', reject);
      // Not 'close': a child that a hook leaves may hold what the agent writes to.
      agent.on('exit', (code, signal) => {
        setTimeout(() => resolve({ code, signal, ...this.#plain(said) }), LAST_WORDS_MS);
      });
    });
    return { agent, nonce, end };
  }

  /** Processes of a session, once its agent has ended: for all of them to be gone, or the time to be over. */
  async left(nonce: string): Promise<string[]> {
    let left: string[] = [];
    const gone = async () => {
      left = [...this.processes(nonce), ...(await this.#unrest())];
      return left.length === 0 ? true : undefined;
    };
    await waitFor('the session to leave nothing', gone, GONE_TIMEOUT_MS).catch(() => {});
    return left;
  }

  /** What a direct run has left, by nature of its hooks. */
  endLeft(nonce: string): void {
    for (const pid of pidsNaming(nonce)) if (identify(pid) !== undefined) process.kill(pid, 'SIGKILL');
  }

  /** Those of a session that live. */
  processes(nonce: string): string[] {
    return pidsNaming(nonce).map((pid) => `process ${pid}: ${commandLine(pid)}`);
  }

  async #unrest(): Promise<string[]> {
    const { calls, pools } = await this.daemon.status();
    const workers = pools
      .flatMap((pool) => pool.workers)
      .filter(({ kind, state }) => kind === 'parked' && state !== 'parked');
    return [
      ...(calls.active + calls.queued > 0 ? [`${calls.active} calls run, ${calls.queued} wait`] : []),
      ...workers.map(({ pid, state }) => `process ${pid} is ${state}`),
    ];
  }

  get #place() {
    return { home: this.home.home, modelUrl: this.model.url };
  }

  #plain(said: { stdout: string; stderr: string }): Pick<SessionEnd, 'stdout' | 'stderr' | 'talks'> {
    const plain = (text: string) => plainText(text, [...this.#substitutions, ...this.#client.volatile]);
    const talks = plain(JSON.stringify(this.model.talks, null, 1));
    return { stdout: plain(said.stdout), stderr: plain(said.stderr), talks };
  }

  #put(name: string, text: string): void {
    const path = join(this.home.home, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  #entries(): readonly HookEntry[] {
    const read = entriesOf(this.hookFileText());
    return read.ok ? read.entries : [];
  }

  #supervisor(verb: 'install' | 'uninstall'): void {
    const end = this.home.supervisor([verb, this.#client.name, '--user', '--yes']);
    if (end.status !== 0) throw new Error(`${verb}: exit ${end.status}: ${end.stderr}`);
  }
}
