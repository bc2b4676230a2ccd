/** Hooks through bin/supervisor-hook, several at a time: started, spoken to, killed, and their end with its explanation. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Explanation } from '../../supervisor/contract/outcome.js';
import { HOOK_CLIENT, type TestHome } from './daemon.js';

export interface HookOptions {
  /** Of another installation. */
  client?: string;
  /** Instead of the home's. */
  env?: Readonly<Record<string, string>>;
  /** Of the client. `event` takes no command. */
  verb?: 'run' | 'event';
  /** Of the client, before `--`. */
  options?: readonly string[];
  /** False: the client asks for no explanation, as agents' hooks do; `explained` stays undefined. */
  explain?: boolean;
  /** Written and closed at once; null leaves stdin open. */
  stdin?: string | null;
  /** Words before the client: something that runs it in its own way. */
  through?: readonly string[];
  /** True: nobody reads its output until `read` is called. */
  isReadLater?: boolean;
}

export interface HookEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** Undefined where the client died before it could tell. */
  explained: Explanation | undefined;
}

export class Hook {
  readonly process: ChildProcessWithoutNullStreams;
  readonly end: Promise<HookEnd>;
  #stdout = '';
  #stderr = '';

  constructor(home: TestHome, argv: readonly string[], made: HookOptions = {}) {
    const { options = [], stdin = '', through = [], explain = true, isReadLater = false } = made;
    const { client: program = HOOK_CLIENT, env = home.env, verb = 'run' } = made;
    const explainFile = join(mkdtempSync(join(home.root, 'call-')), 'explain');
    const words = verb === 'event' ? [] : ['--', ...argv];
    const client = [program, verb, ...(explain ? ['--explain', explainFile] : []), ...options, ...words];
    const [first = program, ...args] = [...through, ...client];
    this.process = spawn(first, args, { env, cwd: home.root });
    if (!isReadLater) this.read();
    this.process.stderr.on('data', (data) => {
      this.#stderr += data;
    });
    this.process.stdin.on('error', () => {}); // it may end without having read
    if (stdin !== null) this.process.stdin.end(stdin);
    this.end = new Promise((resolve) => {
      this.process.on('close', (code, signal) => {
        const line = existsSync(explainFile) ? readFileSync(explainFile, 'utf8') : '';
        const explained = line === '' ? undefined : (JSON.parse(line) as Explanation);
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr, explained });
      });
    });
  }

  /** Once is enough. */
  read(): void {
    if (this.process.stdout.listenerCount('data') > 0) return;
    this.process.stdout.on('data', (data) => {
      this.#stdout += data;
    });
  }

  get stdout(): string {
    return this.#stdout;
  }
}

export function runHook(home: TestHome, argv: readonly string[], options: HookOptions = {}): Promise<HookEnd> {
  return new Hook(home, argv, options).end;
}

/** A hook that writes its pid to a file each time it starts, then does the rest. */
export function counted(file: string, rest: string): string[] {
  return ['/bin/sh', '-c', `echo $$ >> "$1"; ${rest}`, 'sh', file];
}

/** Pids that `counted` has written, whole lines only. */
export function starts(file: string): number[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').slice(0, -1).map(Number);
}
