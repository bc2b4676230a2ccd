/** An installation whose `supervisor` notes what it was started with, then starts a daemon for the home of a test. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOOK_CLIENT, SUPERVISOR, TestHome } from './daemon.js';
import { Hook, type HookEnd } from './hook.js';

export interface Started {
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  umask: number;
  /** As in /proc/PID/stat. */
  session: number;
  terminal: number;
  pid: number;
  /** What each descriptor was open on. */
  files: string[];
}

export class Installation {
  readonly home = new TestHome();
  readonly folder = join(this.home.root, 'package');
  readonly client = join(this.folder, 'bin/supervisor-hook');
  readonly startingFile = join(this.home.runtimeFolder, 'starting');
  readonly node = join(this.folder, 'build/node');
  readonly #notes = join(this.home.root, 'starts');
  readonly #refusal = join(this.home.root, 'refuses');
  readonly #gate = join(this.home.root, 'gate');

  constructor() {
    for (const name of ['bin', 'build']) mkdirSync(join(this.folder, name), { recursive: true });
    copyFileSync(HOOK_CLIENT, this.client);
    symlinkSync(process.execPath, this.node);
    writeFileSync(join(this.folder, 'package.json'), '{"type": "module"}');
    const places = {
      notes: this.#notes,
      refusal: this.#refusal,
      gate: this.#gate,
      supervisor: SUPERVISOR,
      home: this.home.home,
    };
    writeFileSync(join(this.folder, 'bin/supervisor'), `const places = ${JSON.stringify(places)};\n${PROGRAM}`);
  }

  /** Starts fail from now on. */
  refuse(): void {
    writeFileSync(this.#refusal, '');
  }

  /** Starts wait until the gate is open. */
  closeGate(): void {
    writeFileSync(this.#gate, '');
  }

  openGate(): void {
    rmSync(this.#gate);
  }

  starts(): Started[] {
    if (!existsSync(this.#notes)) return [];
    const lines = readFileSync(this.#notes, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Started);
  }

  /** A hook by the client of this installation. */
  hook(call: { env?: Record<string, string>; options?: string[]; through?: string[] } = {}): Promise<HookEnd> {
    const { env = {}, options = ['--autostart', '--socket', this.home.callSocket], through = [] } = call;
    const { PATH, HOME } = this.home.env;
    return new Hook(this.home, ['echo', 'answered'], {
      client: this.client,
      env: { PATH, HOME, ...env },
      options,
      through,
    }).end;
  }
}

const PROGRAM = `
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
const stat = readFileSync('/proc/self/stat', 'latin1').split(') ')[1].split(' ');
const files = readdirSync('/proc/self/fd').flatMap((fd) => {
  try { return [readlinkSync('/proc/self/fd/' + fd)]; } catch { return []; }
});
const started = {
  argv: process.argv.slice(2), env: process.env, cwd: process.cwd(), umask: process.umask(), pid: process.pid,
  session: Number(stat[3]), terminal: Number(stat[4]), files,
};
appendFileSync(places.notes, JSON.stringify(started) + '\\n');
while (existsSync(places.gate)) await new Promise((done) => setTimeout(done, 20));
if (existsSync(places.refusal)) {
  process.stderr.write('cannot start\\n');
  process.exit(69);
}
const env = { ...process.env, HOME: places.home };
process.exit(spawnSync(process.execPath, [places.supervisor, 'up', '-d'], { stdio: 'inherit', env }).status ?? 1);
`;
