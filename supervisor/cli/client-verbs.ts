/** The verbs of supervisor-hook, for help and completion only: the native client parses them itself. */
import { Argument, Command, Option } from 'commander';
import { LEVELS } from '../contract/call.js';
import { EVENT_AGENTS } from '../contract/validating.js';

const AGENTS = EVENT_AGENTS.join(', ').replace(/, (\w+)$/, ' or $1');

const CLIENT_OPTIONS = [
  new Option('--timeout <duration>', 'end the hook after 1500ms, 30s or 2m'),
  new Option('--level <level>', 'least isolation to run at: contained, restricted or untrusted').choices(LEVELS),
  new Option(
    '--on-unavailable <policy>',
    'if no supervisor takes the call: run it directly, block (exit 2) or allow (exit 0);',
  ).choices(['run', 'block', 'allow']),
  new Option('--accept-timeout <duration>', 'no supervisor takes the call if it has not begun by then; default: wait'),
  new Option('--autostart', 'where no supervisor runs, start one for the calls to come'),
  new Option('--socket <path>', "the supervisor's socket"),
  new Option('--explain <file>', 'append one line of JSON: where the hook ran, under what limits, how it ended'),
] as const;

export function clientVerbs(): Command[] {
  const run = new Command('run')
    .description('run a command as a hook; the same as: supervisor-hook run [options] -- CMD')
    .usage('[options] -- CMD')
    .addArgument(new Argument('<command...>'));
  const sh = new Command('sh')
    .description("run shell text as a hook; the same as: supervisor-hook sh [options] 'TEXT'")
    .usage("[options] 'TEXT'")
    .addArgument(new Argument('<text>'));
  const event = new Command('event')
    .description(
      "answer an agent's event on stdin with the verdict of validators and hooks; the same as: supervisor-hook event",
    )
    .usage('[options]');
  for (const verb of [run, sh, event]) {
    const isTaken = (option: Option) => verb !== event || option.long !== '--level';
    for (const option of CLIENT_OPTIONS.filter(isTaken)) verb.addOption(option);
    verb.helpOption('--help', 'display help for command');
  }
  sh.option('--shell <path>', 'shell for TEXT (default /bin/sh)');
  event.addOption(
    new Option('--agent <agent>', `whose event it is: ${AGENTS}; default: as the event tells`).choices(EVENT_AGENTS),
  );
  return [run, sh, event];
}
