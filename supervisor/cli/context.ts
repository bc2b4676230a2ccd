/** What a verb may know of the world: handed in, so that a test can be the terminal. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConfigProblem } from '../contract/config.js';
import { type Screen, screenOf } from './screen.js';
import { stopSignal, ticks } from './ticks.js';

export interface Context {
  env: NodeJS.ProcessEnv;
  uid: number;
  /** Undefined where the folder has been removed. */
  cwd(): string | undefined;
  out(text: string): void;
  /** For people: progress, errors, remedies. */
  err(text: string): void;
  errIsTerminal: boolean;
  /** Where `out` ends. */
  screen: Screen;
  /** Now, and again after each interval, until Ctrl-C or until nobody reads what `out` writes. */
  ticks(intervalMs: number): AsyncIterable<undefined>;
  /** Aborts when `ticks` would end. */
  stopSignal(): AbortSignal;
  files: PackageFiles;
}

export interface PackageFiles {
  root: string;
  version: string;
  daemon: string;
  hook: string;
  keeper: string;
  addon: string;
  probe: string;
}

export function packageFiles(): PackageFiles {
  let root = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(root, 'package.json')) && root !== dirname(root)) root = dirname(root);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return {
    root,
    version,
    daemon: join(root, 'dist', 'main.js'),
    hook: join(root, 'bin', 'supervisor-hook'),
    keeper: join(root, 'bin', 'supervisor-keeper'),
    addon: join(root, 'build', 'hook_supervisor.node'),
    probe: join(root, 'build', 'supervisor-probe'),
  };
}

export function systemContext(): Context {
  return {
    env: process.env,
    uid: process.geteuid?.() ?? 0,
    cwd: currentFolder,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    errIsTerminal: process.stderr.isTTY === true,
    screen: screenOf(process.stdout, process.env),
    ticks,
    stopSignal,
    files: packageFiles(),
  };
}

function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** What is wrong, where, and what to do. */
export function tellProblem(context: Context, problem: ConfigProblem): void {
  context.err(`supervisor: ${problem.where}: ${problem.what}\n`);
  if (problem.remedy !== '') context.err(`  ${problem.remedy}\n`);
}
