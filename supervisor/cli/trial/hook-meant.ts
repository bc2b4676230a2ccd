/** HOOK of `supervisor test` -> what is run: the file of a handler of the configuration, or the text of a command. */
import { accessSync, constants, statSync } from 'node:fs';
import { extname } from 'node:path';
import type { Config, ConfigProblem } from '../../contract/config.js';

export type HookMeant = { ok: true; argv: string[]; isShellText: boolean } | { ok: false; problem: ConfigProblem };

/** What agents run a text with. */
const SHELL = '/bin/sh';
const INTERPRETERS: Readonly<Record<string, string>> = {
  '.py': 'python3',
  '.js': 'node',
  '.mjs': 'node',
  '.cjs': 'node',
  '.sh': 'sh',
  '.bash': 'bash',
};
const GLOB = /(?<!\\)[*?[\](){}!+@|]/;

/** @param word of a handler: its `match` as it stands in the configuration. */
export function hookMeant(word: string, { handlers, homeFolder }: Pick<Config, 'handlers' | 'homeFolder'>): HookMeant {
  const file = word.replace(/^~(?=\/)/, () => homeFolder);
  const rule = handlers.find(({ match }) => match === word || match.replaceAll(/\\(.)/g, '$1') === file);
  if (rule === undefined) return { ok: true, argv: [SHELL, '-c', word], isShellText: true };
  if (GLOB.test(rule.match)) {
    const what = 'is a handler that matches more than one file';
    return { ok: false, problem: { where: word, what, remedy: 'give the command of one hook' } };
  }
  const argv = argvOf(file);
  if (argv !== undefined) return { ok: true, argv, isShellText: false };
  const what = 'is a handler whose file is neither executable nor of a known ending';
  return { ok: false, problem: { where: file, what, remedy: `give the command: "INTERPRETER ${file}"` } };
}

function argvOf(file: string): string[] | undefined {
  if (isExecutable(file)) return [file];
  const interpreter = INTERPRETERS[extname(file)];
  return interpreter === undefined ? undefined : [interpreter, file];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
