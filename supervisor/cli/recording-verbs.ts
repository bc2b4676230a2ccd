/** The verbs that keep calls, send them again and try one: their words and options. */
import { Argument, type Command, Option } from 'commander';
import { LIMITS } from '../contract/limits.js';
import type { Context } from './context.js';
import { RECORD_ACTIONS, type RecordAction, type RecordOptions, record } from './record.js';
import { durationOf, sizeOf } from './values.js';

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
      new Option('--max-bytes <size>', 'it ends when its file has so much, as 500K, 64M or 1G; default 64M').argParser(
        sizeOf(LIMITS.recordingMaxBytes),
      ),
    )
    .option('--json', 'print supervisor.record/v1')
    .action((action: RecordAction, options: RecordOptions) => exitWith(record(context(), action, options)));
}
