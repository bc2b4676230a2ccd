/** The verbs that have to do with agents' files. */
import { Argument, type Command, Option } from 'commander';
import { AGENT_NAMES } from '../agents/known.js';
import { LEVELS } from '../contract/call.js';
import type { Context } from './context.js';
import type { InstallOptions } from './install-wishes.js';
import type { ScopeOptions } from './scopes.js';

export function addAgentVerbs(
  program: Command,
  context: () => Context,
  exitWith: (code: Promise<number>) => Promise<void>,
): void {
  withScopes(
    program
      .command('install')
      .description("put the client in front of agents' hooks: shows the changes, asks at a terminal, keeps backups"),
  )
    .addOption(new Option('--level <level>', 'least isolation of these hooks').choices(LEVELS))
    .addOption(
      new Option('--on-unavailable <policy>', 'what these hooks do while no daemon takes their calls').choices([
        'run',
        'block',
        'allow',
      ]),
    )
    .option('--autostart', 'where no daemon runs, these hooks start one for the calls to come')
    .option('--direct <text...>', 'leave hooks with this text in their command as they are')
    .option('--http', 'have agents ask for hooks by HTTP where HTTP can carry them; tells what is lost')
    .action(async (agent: string | undefined, options: InstallOptions) =>
      exitWith((await import('./install.js')).install(context(), agent, options)),
    );
  withScopes(
    program.command('uninstall').description("take the client away from agents' hooks again, to the byte"),
  ).action(async (agent: string | undefined, options: ScopeOptions) =>
    exitWith((await import('./uninstall.js')).uninstall(context(), agent, options)),
  );
}

function withScopes(verb: Command): Command {
  return verb
    .addArgument(new Argument('[agent]', 'only this one').choices(AGENT_NAMES))
    .option('--user', 'files in your home; with --local what is meant if nothing is said')
    .option('--project', 'files of the project, which others share by its repository')
    .option('--local', 'files of the project that are yours alone')
    .option('--plugins', 'files of plugins, which an update replaces')
    .option('--dry-run', 'show the changes and write nothing')
    .option('-y, --yes', 'do not ask');
}
