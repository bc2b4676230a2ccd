/** The words by which supervisor-hook runs a hook for a verb of ours. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Level } from '../contract/call.js';
import type { Explanation } from '../contract/outcome.js';

export interface ClientWishes {
  /** Of the hook; of a text the shell, `-c` and the text. */
  argv: readonly string[];
  isShellText: boolean;
  level: Level | null;
  /** Where nobody serves it, exit code 2 and no direct run. */
  isBlocking: boolean;
  /** 0: as configured. */
  timeoutMs: number;
  explainFile: string;
}

export function clientWords(client: string, wishes: ClientWishes): string[] {
  const { argv, isShellText, level, isBlocking, timeoutMs, explainFile } = wishes;
  const options = [
    ...['--explain', explainFile],
    ...(level === null ? [] : ['--level', level]),
    ...(isBlocking ? ['--on-unavailable', 'block'] : []),
    ...(timeoutMs === 0 ? [] : ['--timeout', `${timeoutMs}ms`]),
  ];
  const [shell = '', , text = ''] = argv;
  return isShellText
    ? [client, 'sh', ...options, '--shell', shell, '--', text]
    : [client, 'run', ...options, '--', ...argv];
}

/** Undefined where the client died before it could tell. */
export function takeExplanation(file: string): Explanation | undefined {
  const line = existsSync(file) ? readFileSync(file, 'utf8') : '';
  rmSync(file, { force: true });
  return line === '' ? undefined : (JSON.parse(line) as Explanation);
}
