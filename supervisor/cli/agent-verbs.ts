/** The verbs that have to do with agents' files. */
import { Argument, type Command, Option } from 'commander';
import { AGENT_NAMES, MEASURED } from '../agents/known.js';
import { LEVELS } from '../contract/call.js';
import type { Context } from './context.js';
import type { InstallOptions } from './install-wishes.js';
import type { MigrateOptions } from './migrate.js';
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
  program
    .command('migrate')
    .description(
      `show the hooks of one agent in the form of another, or its \`optimization\` block in ours (${OURS}), and what cannot be said there`,
    )
    .addArgument(new Argument('<from>', 'whose hooks').choices(MEASURED_NAMES))
    .addArgument(new Argument('<to>', 'in whose form').choices([...MEASURED_NAMES, OURS]))
    .option('--project', "the project's files, not those in your home")
    .option('--write', 'write the file, if there is none yet')
    .option('--json', 'print one JSON document')
    .action(async (from: string, to: string, options: MigrateOptions) =>
      exitWith(
        to === OURS
          ? (await import('./migrate-settings.js')).migrateSettings(context(), from, options)
          : (await import('./migrate.js')).migrateHooks(context(), from, to, options),
      ),
    );
}

/** In the place of an agent. */
const OURS = 'supervisor';
const MEASURED_NAMES = MEASURED.map(({ name }) => name);

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
