/** Hooks that are slow before they start: named with file, event and what to write instead. */

import type { Context } from '../../context.js';
import { printable } from '../../render/printable.js';
import { type Check, ok, warn } from '../check.js';
import { type Scope, type SlowLaunch, slowLaunch } from './launchers.js';
import { commandsOfText, commandsOfWords } from './prefixes.js';
import { type CommandHook, readSettings, settingsFiles } from './settings.js';
import { shellWord } from './shell-text.js';

/** Of `slowHooks` in the JSON of doctor. */
export interface SlowHook {
  file: string;
  event: string;
  command: string;
  launcher: string;
  why: string;
  remedy: string;
}

const NAME = 'hooks';
const SHOWN_MAX = 20;
const COMMAND_SHOWN_MAX_CHARACTERS = 120;

export function inspectHooks({ env, cwd }: Pick<Context, 'env' | 'cwd'>): { checks: Check[]; slow: SlowHook[] } {
  const problems: Check[] = [];
  const slow: SlowHook[] = [];
  let hookCount = 0;
  let fileCount = 0;
  for (const { path, scope } of settingsFiles(env, cwd())) {
    const settings = readSettings(path);
    if (settings.kind === 'absent') continue;
    fileCount++;
    if (settings.kind === 'unreadable') {
      const remedy = 'mend it: the hooks in it are not looked at here';
      problems.push(warn(NAME, printable(`${path} ${settings.reason}`), remedy));
      continue;
    }
    hookCount += settings.hooks.length;
    slow.push(...settings.hooks.flatMap((hook) => slowHooks(path, scope, hook)));
  }
  const checks = [...problems, ...slow.slice(0, SHOWN_MAX).map(checkOf)];
  if (slow.length > SHOWN_MAX) {
    checks.push(warn(NAME, `${slow.length - SHOWN_MAX} more like these`, 'supervisor doctor --json lists all'));
  }
  if (checks.length > 0) return { checks, slow };
  const what = `${counted(hookCount, 'command')} in ${counted(fileCount, 'settings file')}, none looks up a package on each call`;
  return { checks: [ok(NAME, what)], slow };
}

function slowHooks(file: string, scope: Scope, { event, command, args }: CommandHook): SlowHook[] {
  const commands = args === undefined ? commandsOfText(command) : commandsOfWords([command, ...args]);
  // In exec form the agent puts values in place of variables itself, and quotes would be part of the word.
  const spell = args === undefined ? shellWord : (word: string) => word;
  const whole = args === undefined ? command : [command, ...args].map(shellWord).join(' ');
  return commands.flatMap((one) => {
    const launch = slowLaunch(one, scope);
    if (launch === undefined) return [];
    const { launcher, why } = launch;
    return [{ file, event, command: whole, launcher, why, remedy: remedyOf(launch, spell) }];
  });
}

function remedyOf({ launcher, install, call, insteadOf }: SlowLaunch, spell: (word: string) => string): string {
  const write =
    call.length === 0
      ? `call the program itself in place of ${launcher}`
      : `write \`${call.map(spell).join(' ')}\` in place of \`${insteadOf}\``;
  return install === '' ? write : `\`${install}\` once, then ${write}`;
}

function checkOf({ file, event, command, why, remedy }: SlowHook): Check {
  const text =
    command.length <= COMMAND_SHOWN_MAX_CHARACTERS ? command : `${command.slice(0, COMMAND_SHOWN_MAX_CHARACTERS - 1)}…`;
  return warn(NAME, printable(`${why}: \`${text}\`, ${event} in ${file}`), printable(remedy));
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
