/** The one table of verbs and options: what is parsed, what help shows, what shells complete. */
import { Argument, Command, Option } from 'commander';
import { LOG_LEVELS } from '../contract/config.js';
import { OUTCOME_KINDS } from '../contract/outcome.js';
import { ExitCode } from '../contract/status.js';
import { DECISIONS } from '../contract/validating.js';
import { WIRE_VERSION } from '../contract/wire.js';
import { addAgentVerbs } from './agent-verbs.js';
import { clientVerbs } from './client-verbs.js';
import { COMPLETION_SCRIPTS, HOW_TO_INSTALL, SHELLS } from './completion/shells.js';
import { wordsOf } from './completion/words.js';
import type { Context } from './context.js';
import type { HistoryOptions } from './history.js';
import { addInspectionVerbs } from './inspection-verbs.js';
import { withOwnHome } from './own-home.js';
import { addRecordingVerbs } from './recording-verbs.js';
import { helpLayout } from './render/help.js';
import { withoutColour } from './screen.js';
import { countOf, drainBudget, moment, seconds } from './values.js';
import { DB_ACTIONS, type DbAction } from './words.js';

/** What the command line comes to: an exit code, or the caller is to become the daemon. */
export type End = { kind: 'exit'; code: number } | { kind: 'becomeDaemon'; args: string[] };

interface UpOptions {
  detach?: boolean;
  config?: string;
  logLevel?: string;
  ownHome?: boolean;
}

interface StatusOptions {
  json?: boolean;
  /** Milliseconds, once parsed. */
  watch?: number;
  hooks?: boolean;
}

export function describeProgram(whole: Context, finish: (end: End) => void): Command {
  const exitWith = async (code: Promise<number>) => finish({ kind: 'exit', code: await code });
  const program = new Command('supervisor');
  const context = () => (program.opts().color ? whole : { ...whole, screen: withoutColour(whole.screen) });
  program
    .description("Runs a coding agent's hooks in processes that are already forked, limited and waiting.")
    .exitOverride()
    .configureOutput({ writeOut: whole.out, writeErr: whole.err })
    .configureHelp(helpLayout(whole.screen))
    .showHelpAfterError('(supervisor help shows the verbs and options)')
    .helpCommand('help [verb]', 'show help for a verb')
    .option('--no-color', 'no colours, whatever the environment says')
    .version(versionText(whole).trimEnd(), '--version');
  program
    .command('up')
    .description('start the daemon in this terminal; with -d on its own, and return once it answers calls')
    .option('-d, --detach', 'return when the daemon serves calls')
    .option('--config <file>', 'read this configuration instead of the one in ~/.config/hook-supervisor')
    .addOption(new Option('--log-level <level>', 'least severity that is logged').choices(LOG_LEVELS))
    .option(
      '--own-home',
      'only if HOME is the home that the system has for this user; what supervisor-hook --autostart asks',
    )
    .action(async (options: UpOptions) => {
      const starter = options.ownHome ? withOwnHome(context()) : context();
      if (starter === undefined) return finish({ kind: 'exit', code: ExitCode.BAD_CONFIG });
      const { config: configFile, logLevel } = options;
      const flags = { ...(configFile !== undefined && { configFile }), ...(logLevel !== undefined && { logLevel }) };
      if (options.detach) return exitWith((await import('./up.js')).upDetached(starter, flags));
      const passed = [configFile && ['--config', configFile], logLevel && ['--log-level', logLevel]];
      return finish({ kind: 'becomeDaemon', args: passed.flatMap((pair) => pair || []) });
    });
  program
    .command('down')
    .description('stop the daemon and everything it runs')
    .addOption(
      new Option('--drain <duration>', 'hooks that run may end by themselves for so long; default 2s').argParser(
        drainBudget,
      ),
    )
    .action(async ({ drain }: { drain?: number }) => exitWith((await import('./down.js')).down(context(), drain)));
  program
    .command('plan')
    .description('show what a reload would change; exit code 0 nothing, 2 something')
    .option('--json', 'print supervisor.plan/v1')
    .action(async (options: { json?: boolean }) => exitWith((await import('./reload.js')).plan(context(), options)));
  program
    .command('reload')
    .description('have the daemon take over its configuration as it is now, without losing a call')
    .option('--json', 'print supervisor.plan/v1: what has changed')
    .action(async (options: { json?: boolean }) => exitWith((await import('./reload.js')).reload(context(), options)));
  program
    .command('restart')
    .description('have a new daemon take over without losing a call, as after an upgrade')
    .option('--cold', 'stop the daemon first, then start one: hooks run directly in between')
    .action(async (options: { cold?: boolean }) =>
      exitWith((await import('./restart.js')).restart(context(), options)),
    );
  program
    .command('status')
    .description('show pools, workers and calls; exit code 0 running, 3 not running, 69 not answering')
    .argument('[pool/worker]', 'only a pool, or POOL/WORKER as ps names it, in full')
    .option('--json', 'print supervisor.status/v1; of a pool supervisor.pool/v1, of a worker supervisor.worker/v1')
    .addOption(
      new Option('-w, --watch [seconds]', 'show it again every so many seconds until Ctrl-C')
        .preset('2')
        .argParser(seconds),
    )
    .option(
      '--hooks',
      "agents' hooks instead: where they stand, whether they are wrapped, how they did; needs no daemon",
    )
    .action(async (target: string | undefined, { json = false, watch: intervalMs, hooks }: StatusOptions) => {
      if (hooks && (target ?? intervalMs) !== undefined) program.error('error: --hooks shows all hooks, once');
      if (hooks) return exitWith((await import('./hooks.js')).hooksStatus(context(), { json }));
      if (target !== undefined && intervalMs !== undefined) program.error('error: --watch shows all pools, not one');
      if (target !== undefined)
        return exitWith((await import('./pool-status.js')).poolStatus(context(), target, { json }));
      if (intervalMs === undefined) return exitWith((await import('./status.js')).status(context(), { json }));
      return exitWith((await import('./watch.js')).watchStatus(context(), intervalMs, json));
    });
  addInspectionVerbs(program, context, exitWith);
  program
    .command('doctor')
    .description('check this machine, this installation and the daemon')
    .option('--json', 'print supervisor.doctor/v1')
    .action(async (options: { json?: boolean }) => exitWith((await import('./doctor.js')).doctor(context(), options)));
  addAgentVerbs(program, context, exitWith);
  program
    .command('history')
    .description('show the calls and events that have ended, newest last; needs no daemon')
    .addOption(
      new Option('--since <time>', 'only those after a time: 30m, 2h, 7d ago, or a date as 2026-11-27T14:00').argParser(
        moment,
      ),
    )
    .option('--handler <text>', 'only those whose handler has this text in it')
    .addOption(new Option('--outcome <kind>', 'only those that ended so').choices(OUTCOME_KINDS))
    .addOption(new Option('--decision <word>', 'only events whose verdict was this').choices(DECISIONS))
    .addOption(new Option('-n, --limit <count>', 'at most so many').default(50).argParser(countOf(999_999)))
    .option('--json', 'print supervisor.history/v1')
    .action(async (options: HistoryOptions) => exitWith((await import('./history.js')).history(context(), options)));
  program
    .command('db')
    .description('check the file of the records, make it small, or print all of it as lines of JSON')
    .addArgument(new Argument('<action>').choices(DB_ACTIONS))
    .option('--json', 'print supervisor.db/v1')
    .action(async (action: DbAction, options: { json?: boolean }) =>
      exitWith((await import('./db.js')).db(context(), action, options)),
    );
  addRecordingVerbs(program, context, exitWith);
  // Listed for help only; their words never come here.
  for (const verb of clientVerbs()) program.addCommand(verb.copyInheritedSettings(program));
  program
    .command('completion')
    .description('print what a shell needs to complete our words')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText('after', HOW_TO_INSTALL)
    .action((shell: (typeof SHELLS)[number]) => whole.out(COMPLETION_SCRIPTS[shell](wordsOf(program))));
  program
    .command('version')
    .description('show the versions of program, Node and protocol')
    .action(() => whole.out(versionText(whole)));
  return program;
}

function versionText({ files }: Context): string {
  return `hook-supervisor ${files.version}, Node ${process.versions.node}, protocol ${WIRE_VERSION}\n`;
}
