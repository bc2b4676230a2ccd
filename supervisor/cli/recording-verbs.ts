/** The verbs that keep calls, send them again and try one: their words and options. */
import { Argument, type Command, Option } from 'commander';
import { LEVELS } from '../contract/call.js';
import { LIMITS } from '../contract/limits.js';
import type { Context } from './context.js';
import type { RecordOptions } from './record.js';
import type { ReplayOptions } from './replay.js';
import type { TestOptions } from './test.js';
import { countOf, durationOf, sizeOf } from './values.js';
import { AGAINST, RECORD_ACTIONS, type RecordAction } from './words.js';

const JOBS_MAX = 64;

export function addRecordingVerbs(
  program: Command,
  context: () => Context,
  exitWith: (code: Promise<number>) => Promise<void>,
): void {
  program
    .command('record')
    .description(
      'keep what hooks are given and what they answer, secrets masked, for replay; off until it is asked for',
    )
    .addArgument(new Argument('[action]').choices(RECORD_ACTIONS).default('status'))
    .addOption(
      new Option('--for <duration>', 'it ends by itself after so long; default 1h').argParser(
        durationOf(['s', 'm', 'h'], LIMITS.recordingMaxMs, '90s, 30m or 1h, at most 24h'),
      ),
    )
    .addOption(
      new Option('--max-bytes <size>', 'it ends when its file has so much, as 500K or 64M; default 64M').argParser(
        sizeOf(LIMITS.recordingMaxBytes),
      ),
    )
    .option('--json', 'print supervisor.record/v1')
    .action(async (action: RecordAction, options: RecordOptions) =>
      exitWith((await import('./record.js')).record(context(), action, options)),
    );
  program
    .command('replay')
    .description(
      'send the calls of a recording again and compare; exit code 0 all the same, 1 not; the hooks really run',
    )
    .argument('<file>', 'as supervisor record has written it')
    .addOption(new Option('--against <way>', 'by what they are run').choices(AGAINST).default('supervised'))
    .addOption(new Option('--level <level>', 'least isolation, instead of what the calls asked for').choices(LEVELS))
    .addOption(new Option('--jobs <count>', 'so many at a time').default(1).argParser(countOf(JOBS_MAX)))
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print supervisor.replay/v1')
    .action(async (file: string, options: ReplayOptions) =>
      exitWith((await import('./replay.js')).replay(context(), file, options)),
    );
  program
    .command('test')
    .description('try one hook at each level: answer, time, memory, what it was denied; it really runs, once at each')
    .argument('<hook>', 'the text of its command, or a handler of the configuration that names one file')
    .argument('<file>', 'the event that it gets; - for stdin')
    .addOption(new Option('--level <level>', 'only this one').choices(LEVELS))
    .option('--json', 'print supervisor.test/v1')
    .action(async (hook: string, file: string, options: TestOptions) =>
      exitWith((await import('./test.js')).test(context(), hook, file, options)),
    );
}
