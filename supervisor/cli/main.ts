/** The command line: words to verbs. Answers the exit code, or that the caller is to become the daemon. */
import { Command, CommanderError, Option } from 'commander';
import { LOG_LEVELS } from '../config/schema.js';
import { ExitCode } from '../contract/status.js';
import { WIRE_VERSION } from '../contract/wire.js';
import { type Context, systemContext } from './context.js';
import { doctor } from './doctor.js';
import { down } from './down.js';
import { passOn } from './pass-on.js';
import { status } from './status.js';
import { upDetached } from './up.js';

export type End = { kind: 'exit'; code: number } | { kind: 'becomeDaemon'; args: string[] };

interface UpOptions {
  detach?: boolean;
  config?: string;
  logLevel?: string;
}

export async function commandLine(args: readonly string[], context: Context = systemContext()): Promise<End> {
  // Their words belong to the client and the hook: not ours to parse.
  if (args[0] === 'run' || args[0] === 'sh') return { kind: 'exit', code: await passOn(context, args) };
  let end: End = { kind: 'exit', code: ExitCode.OK };
  const program = describe(context, (ended) => {
    end = ended;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return end;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'exit', code: error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE };
  }
}

function describe(context: Context, finish: (end: End) => void): Command {
  const exitWith = async (code: Promise<number>) => finish({ kind: 'exit', code: await code });
  const program = new Command('supervisor');
  program
    .description("Runs a coding agent's hooks in processes that are already forked, limited and waiting.")
    .exitOverride()
    .configureOutput({ writeOut: context.out, writeErr: context.err, getOutHelpWidth: () => context.width })
    .showHelpAfterError('(supervisor help shows the verbs and options)')
    .helpCommand('help [verb]', 'show help for a verb');
  program
    .command('up')
    .description('start the daemon in this terminal; with -d on its own, and return once it answers calls')
    .option('-d, --detach', 'return when the daemon serves calls')
    .option('--config <file>', 'read this configuration instead of the one in ~/.config/hook-supervisor')
    .addOption(new Option('--log-level <level>', 'least severity that is logged').choices(LOG_LEVELS))
    .action(async (options: UpOptions) => {
      const { config: configFile, logLevel } = options;
      const flags = { ...(configFile !== undefined && { configFile }), ...(logLevel !== undefined && { logLevel }) };
      if (options.detach) return exitWith(upDetached(context, flags));
      const passed = [configFile && ['--config', configFile], logLevel && ['--log-level', logLevel]];
      return finish({ kind: 'becomeDaemon', args: passed.flatMap((pair) => pair || []) });
    });
  program
    .command('down')
    .description('stop the daemon and everything it runs')
    .action(() => exitWith(down(context)));
  program
    .command('status')
    .description('show pools, workers and calls; exit code 0 running, 3 not running, 69 not answering')
    .option('--json', 'print supervisor.status/v1')
    .action((options: { json?: boolean }) => exitWith(status(context, options)));
  program
    .command('doctor')
    .description('check this machine, this installation and the daemon')
    .option('--json', 'print supervisor.doctor/v1')
    .action((options: { json?: boolean }) => exitWith(doctor(context, options)));
  // Listed for help only; their words never come here.
  program.command('run').description('run a command as a hook; the same as: supervisor-hook run [options] -- CMD');
  program.command('sh').description("run shell text as a hook; the same as: supervisor-hook sh [options] 'TEXT'");
  program
    .command('version')
    .description('show the versions of program, Node and protocol')
    .action(() => context.out(versionText(context)));
  return program.version(versionText(context).trimEnd(), '--version');
}

function versionText({ files }: Context): string {
  return `hook-supervisor ${files.version}, Node ${process.versions.node}, protocol ${WIRE_VERSION}\n`;
}
