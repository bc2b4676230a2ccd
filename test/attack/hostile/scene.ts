/** Where hostile hooks run: a daemon, a victim beside it, listeners, a project for each level, and the programs. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Level } from '../../../supervisor/contract/call.js';
import { TestDaemon, TestHome } from '../../lib/daemon.js';
import { type HookEnd, runHook } from '../../lib/hook.js';
import { makeWorkspace, readWorkspace } from '../../lib/workspace.js';

const OUTPUT_MAX_BYTES = 1 << 20;
const SECRETS = ['HOSTILE_SECRET', 'ANTHROPIC_API_KEY', 'LD_PRELOAD', 'BASH_ENV', 'NODE_OPTIONS', 'CLAUDE_ENV_FILE'];
/** What others obey, and `free`, where a restricted hook may do as it likes. */
const PROJECT = {
  '.git/HEAD': 'ref: refs/heads/main\n',
  '.git/config': '[core]\n',
  '.git/hooks/pre-commit': '#!/bin/sh\n',
  '.claude/settings.json': '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"hooks/stop.sh"}]}]}}',
  '.claude/hooks/guard.sh': '#!/bin/sh\n',
  '.vscode/tasks.json': '{}',
  '.venv/bin/python': '#!/bin/sh\n',
  '.envrc': '',
  '.mcp.json': '{}',
  'CLAUDE.md': 'Be kind.\n',
  'mise.toml': '[env]\n',
  '.tool-versions': 'python 3\n',
  '.cargo/config.toml': '',
  '.npmrc': '',
  'lefthook.yml': 'pre-commit: {}\n',
  '.pre-commit-config.yaml': 'repos: []\n',
  '.husky/pre-commit': '#!/bin/sh\n',
  '.idea/workspace.xml': '',
  'hooks/stop.sh': '#!/bin/sh\n',
  'handled/check.sh': '#!/bin/sh\n',
  'link-to-settings': '-> .claude/settings.json',
  'script.sh': '#!/bin/sh\neval "$1"\n',
  'free/file': 'free\n',
};

export interface Extras {
  options?: readonly string[];
  stdin?: string;
}

export class Scene {
  readonly nonce = `hostile-${randomBytes(6).toString('hex')}`;
  /** A key of shared memory nobody else has, and no other run of this test. */
  readonly key = String(0x5000_0000 + randomBytes(3).readUIntBE(0, 3));
  readonly folder = mkdtempSync('/var/tmp/hook-supervisor-hostile-');
  readonly program = join(this.folder, 'program/try');
  readonly secretFile = join(this.folder, 'secret');
  readonly home = new TestHome();
  readonly configFile = join(this.home.home, '.config/hook-supervisor/config.json');
  readonly unixPath = join(this.folder, 'listener');
  readonly #servers: Server[] = [];
  readonly #udp: Socket = createSocket('udp4');
  #victim: ChildProcess | undefined;
  #daemon: TestDaemon | undefined;
  daemonPid = 0;
  keeperPid = 0;
  tcpPort = '';
  udpPort = '';

  project(level: Level): string {
    return join(this.folder, level, 'project');
  }

  get victimPid(): number {
    return this.#victim?.pid ?? 0;
  }

  get daemon(): TestDaemon {
    if (this.#daemon === undefined) throw new Error('not started');
    return this.#daemon;
  }

  async start(levels: readonly Level[]): Promise<void> {
    mkdirSync(join(this.folder, 'program'));
    chmodSync(this.folder, 0o755); // a setuid copy is run as somebody else
    const here = import.meta.dirname;
    const sources = readdirSync(here).filter((name) => name.endsWith('.c'));
    const flags = ['-O1', '-Wall', '-Wextra', '-Werror', '-no-pie', '-pthread', '-o', this.program];
    execFileSync('gcc', [...flags, ...sources.map((name) => join(here, name)), '-lrt']);
    writeFileSync(this.secretFile, 'secret', { mode: 0o600 });
    for (const level of levels) this.makeProject(level);
    mkdirSync(join(this.home.home, '.ssh'));
    writeFileSync(join(this.home.home, '.ssh/id_ed25519'), 'secret', { mode: 0o600 });
    mkdirSync(join(this.configFile, '..'), { recursive: true });
    const handlers = levels.map((level) => ({ match: `${this.project(level)}/handled/*.sh`, level: 'contained' }));
    writeFileSync(this.configFile, JSON.stringify({ handlers }), { mode: 0o600 });
    this.#victim = spawn(this.program, ['be-victim'], { env: { VICTIMS_KEY: 'secret' }, stdio: 'ignore' });
    await this.#listen();
    this.#daemon = TestDaemon.startIn(this.home, { SUPERVISOR_OUTPUT_MAX_BYTES: String(OUTPUT_MAX_BYTES) });
    const { pid, keepers } = await this.daemon.status();
    this.daemonPid = pid;
    this.keeperPid = keepers[0]?.pid ?? 0;
  }

  makeProject(level: Level): void {
    mkdirSync(join(this.folder, level), { recursive: true });
    makeWorkspace(this.project(level), PROJECT);
  }

  /** The files of a project that a hook must leave as they are. Folders are not among them: the keeper holds a place with one. */
  protectedFiles(level: Level): Record<string, string> {
    const files = Object.entries(readWorkspace(this.project(level)));
    const kept = files.filter(([path, kind]) => !path.startsWith('free') && !kind.startsWith('folder'));
    const outside = [this.secretFile, this.configFile].map((path) => [path, readFileSync(path, 'utf8')]);
    return Object.fromEntries([...kept, ...outside]);
  }

  run(level: Level, argv: readonly string[], { options = [], stdin = '' }: Extras = {}): Promise<HookEnd> {
    const secrets = SECRETS.map((name) => `${name}=/nonexistent/${this.nonce}`);
    const path = `PATH=${this.home.env.PATH}:/nonexistent/${this.nonce}`;
    return runHook(this.home, argv, {
      options: ['--level', level, ...options],
      stdin,
      through: ['env', '-C', this.project(level), path, ...secrets],
    });
  }

  async stop(): Promise<string[]> {
    const left = (await this.#daemon?.stop()) ?? [];
    this.#victim?.kill('SIGKILL');
    this.#udp.close();
    for (const server of this.#servers) server.close();
    rmSync(this.folder, { recursive: true, force: true });
    return left;
  }

  async #listen(): Promise<void> {
    const tcp = createServer((socket) => socket.destroy());
    const names = [{ port: 0, host: '127.0.0.1' }, { path: this.unixPath }, { path: `\0${this.nonce}` }];
    for (const [index, where] of names.entries()) {
      const server = index === 0 ? tcp : createServer((socket) => socket.destroy());
      server.listen(where);
      await once(server, 'listening');
      this.#servers.push(server);
    }
    this.#udp.bind(0, '127.0.0.1');
    await once(this.#udp, 'listening');
    this.tcpPort = String((tcp.address() as AddressInfo).port);
    this.udpPort = String(this.#udp.address().port);
  }
}
