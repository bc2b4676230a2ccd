/** Hooks that are run for events: whether their programs are there, whether they are slow before they start, or ask again. */
import { basename } from 'node:path';
import { isPlainCommand } from '../../../agents/wrapping/plain-words.js';
import type { Config } from '../../../contract/config.js';
import type { EventHookSpec } from '../../../contract/event-hooks.js';
import type { Context } from '../../context.js';
import { printable } from '../../render/printable.js';
import { type Check, ok, warn } from '../check.js';
import { findOnPath, isExecutable } from '../search-path.js';
import { slowLaunch } from './launchers.js';
import { commandsOfText, commandsOfWords, OURS, type PlainCommand } from './prefixes.js';

const NAME = 'event hooks';

/** None where none is configured. */
export function eventHookChecks({ env }: Pick<Context, 'env'>, { hooks }: Pick<Config, 'hooks'>): Check[] {
  if (hooks.length === 0) return [];
  const checks = hooks.flatMap((hook) => [...missingCheck(hook, env.PATH ?? ''), ...startedChecks(hook)]);
  return checks.length > 0 ? checks : [ok(NAME, `${hooks.length} in the configuration, their programs are there`)];
}

/** What a shell, a variable or the folder of the event decides cannot be told here. */
function missingCheck({ name, command }: EventHookSpec, searchPath: string): Check[] {
  const isPlain = typeof command !== 'string' || isPlainCommand(command);
  const [program = ''] = typeof command === 'string' ? command.split(' ') : command;
  const isThere = program.includes('/')
    ? !program.startsWith('/') || isExecutable(program)
    : findOnPath(searchPath, program).length > 0;
  if (!isPlain || isThere) return [];
  return [warn(NAME, printable(`${name}: there is no program ${program}`), `correct its command`)];
}

function startedChecks({ name, command }: EventHookSpec): Check[] {
  const commands = typeof command === 'string' ? commandsOfText(command) : commandsOfWords(command);
  return commands.flatMap((one) => {
    if (tellsEvent(one)) {
      const why = 'it tells an event itself, for which no hooks are run';
      return [warn(NAME, printable(`${name}: ${why}`), 'call the hook itself in place of the client')];
    }
    const slow = slowLaunch(one, 'user');
    if (slow === undefined) return [];
    return [warn(NAME, printable(`${name}: ${slow.why}`), `call the program itself in place of ${slow.launcher}`)];
  });
}

function tellsEvent({ words: [program = '', verb] }: PlainCommand): boolean {
  return OURS.has(basename(program)) && verb === 'event';
}
