/** `supervisor events`: what the daemon has seen, decided and done, and with -f what it does from here on. */
import type { ToldHappening } from '../contract/happening.js';
import { ExitCode } from '../contract/status.js';
import { Daemon } from './ask-daemon.js';
import type { Context } from './context.js';
import { renderHappening } from './render/happening.js';

export interface EventsOptions {
  follow?: boolean;
  /** Since 1970. */
  since?: number;
  pool?: string;
  json?: boolean;
}

export async function events(context: Context, options: EventsOptions): Promise<number> {
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  const pool = options.pool === undefined ? undefined : await daemon.value.pool(options.pool);
  if (pool?.ok === false) return pool.exitCode;
  const words = { sinceMs: options.since ?? 0, pool: pool?.value.status.id, follow: options.follow === true };
  const signal = options.follow ? context.stopSignal() : undefined;
  let isOver = false;
  const exitCode = await daemon.value.listen(
    'events',
    words,
    ({ events: reply }) => {
      if (reply === undefined) return false;
      if (reply.lost > 0) tellLost(context, reply.lost, options.json === true);
      for (const happening of reply.happenings) tell(context, happening, options.json === true);
      isOver = !reply.more;
      return reply.more;
    },
    signal === undefined ? {} : { signal },
  );
  if (isOver || signal?.aborted) return ExitCode.OK;
  return exitCode;
}

function tell({ out, screen }: Context, happening: ToldHappening, isJson: boolean): void {
  if (isJson) out(`${JSON.stringify({ schema: 'supervisor.event/v1', ...happening })}\n`);
  else out(`${renderHappening(happening, screen).join('\n')}\n`);
}

function tellLost({ out, err }: Context, lost: number, isJson: boolean): void {
  if (isJson) out(`${JSON.stringify({ schema: 'supervisor.event/v1', lost })}\n`);
  else err(`supervisor: ${lost} events were told faster than this command could take them, and are lost\n`);
}
