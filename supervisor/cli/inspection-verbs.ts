/** The verbs that look into a running daemon and act on its pools: their words and options. */
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { LIMITS } from '../contract/limits.js';
import { PROFILE_CHOICES, type ProfileChoice } from '../contract/profiles.js';
import type { Context } from './context.js';
import type { EventsOptions } from './events.js';
import type { LogsOptions } from './logs.js';
import type { TopOptions } from './top.js';
import { SORT_KEYS } from './top-rows.js';
import { countOf, moment, seconds } from './values.js';
import { CACHE_ACTIONS, type CacheAction, NAME_KINDS, type NameKind, PROFILE_SET } from './words.js';

export function addInspectionVerbs(
  program: Command,
  context: () => Context,
  exitWith: (code: Promise<number>) => Promise<void>,
): void {
  program
    .command('why')
    .description('say in words what state a pool is in, what led to it, what comes next and what helps')
    .argument('<pool>', 'its name, or a beginning that no other has')
    .option('--json', 'print supervisor.why/v1')
    .action(async (pool: string, options: { json?: boolean }) =>
      exitWith((await import('./why.js')).why(context(), pool, options)),
    );
  program
    .command('events')
    .description('show what the daemon has seen, decided and done: starts, deaths, restarts, scaling')
    .option('-f, --follow', 'also what it does from now on, until Ctrl-C')
    .addOption(new Option('--since <time>', 'only those after a time: 30m, 2h, 7d ago, or a date').argParser(moment))
    .option('--pool <pool>', 'only those about a pool')
    .option('--json', 'print each as a line of supervisor.event/v1')
    .action(async (options: EventsOptions) => exitWith((await import('./events.js')).events(context(), options)));
  program
    .command('top')
    .description('watch the processes, the busiest first; one plain frame where the output is no terminal')
    .addOption(new Option('-d, --delay <seconds>', 'look again after so many').default(1000, '1').argParser(seconds))
    .addOption(new Option('--sort <key>', 'what the order goes by').choices(SORT_KEYS).default('cpu'))
    .action(async (options: TopOptions) => exitWith((await import('./top.js')).top(context(), options)));
  program
    .command('ps')
    .description('list every process of the daemon with its age, CPU time, memory and group')
    .option('--json', 'print supervisor.ps/v1')
    .action(async (options: { json?: boolean }) => exitWith((await import('./ps.js')).ps(context(), options)));
  program
    .command('logs')
    .description("show the daemon's log; needs no daemon")
    .option('-f, --follow', 'also what is written from now on, until Ctrl-C')
    .option('--pool <pool>', 'only lines about a pool')
    .addOption(new Option('-n, --lines <count>', 'the newest so many').default(50).argParser(countOf(999_999)))
    .option('--json', 'print the lines as they are: NDJSON')
    .action(async (options: LogsOptions) => exitWith((await import('./logs.js')).logs(context(), options)));
  program
    .command('metrics')
    .description('print counts and states as Prometheus reads them')
    .action(async () => exitWith((await import('./metrics.js')).metrics(context())));
  program
    .command('drain')
    .description('let what runs in a pool finish and give it no new work; its calls go elsewhere')
    .argument('<pool>', 'its name, or a beginning that no other has')
    .option('--undo', 'let it take calls again')
    .action(async (pool: string, options: { undo?: boolean }) =>
      exitWith((await import('./operate.js')).drain(context(), pool, options)),
    );
  program
    .command('scale')
    .description('keep at least so many processes of a pool parked, until the daemon starts again; 0 takes it back')
    .argument('<pool>', 'its name, or a beginning that no other has')
    .addArgument(new Argument('<count>', 'from 0 on').argParser(parkedCount))
    .action(async (pool: string, count: number) =>
      exitWith((await import('./operate.js')).scale(context(), pool, count)),
    );
  program
    .command('kick')
    .description('replace the keeper of a pool with all it has parked, or one worker, now')
    .argument('<pool/worker>', 'a pool, or POOL/WORKER as ps names it')
    .option('--force', 'also where a hook runs, which is then lost')
    .action(async (target: string, options: { force?: boolean }) =>
      exitWith((await import('./operate.js')).kick(context(), target, options)),
    );
  program
    .command('cache')
    .description('show how often answers of validators were used again, or forget those of one or of all')
    .addArgument(new Argument('[action]').choices(CACHE_ACTIONS).default('stats'))
    .argument('[validator]', 'for clear: whose answers; default: all')
    .option('--json', 'print supervisor.cache/v1')
    .action(async (action: CacheAction, validator: string | undefined, options: { json?: boolean }) =>
      exitWith((await import('./cache.js')).cache(context(), action, validator, options)),
    );
  program
    .command('profile')
    .description('show the profile in force and what it sets, or those of another; with set, choose until a restart')
    .addArgument(new Argument('[what]', 'a profile, or set').choices([PROFILE_SET, ...PROFILE_CHOICES]))
    .addArgument(new Argument('[profile]', 'after set: which').choices(PROFILE_CHOICES))
    .option('--json', 'print supervisor.profile/v1')
    .action(
      async (
        first: ProfileChoice | typeof PROFILE_SET | undefined,
        second: ProfileChoice | undefined,
        options: { json?: boolean },
      ) => exitWith((await import('./profile.js')).profile(context(), first, second, options)),
    );
  // For the completion of shells alone.
  program
    .command('pool-names', { hidden: true })
    .addArgument(new Argument('<kind>').choices(NAME_KINDS))
    .action(async (kind: NameKind) => exitWith((await import('./pool-names.js')).poolNames(context(), kind)));
}

function parkedCount(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (count <= LIMITS.slotsPerPoolMax) return count;
  throw new InvalidArgumentError(`A whole number from 0 to ${LIMITS.slotsPerPoolMax}.`);
}
