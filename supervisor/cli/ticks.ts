/** The beat of a command that stays until Ctrl-C, or until nobody reads what it prints. */
import type { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface TickSources {
  signals: EventEmitter;
  out: EventEmitter;
  /** Rejects when `signal` aborts. */
  pause(milliseconds: number, value: undefined, options: { signal: AbortSignal }): Promise<unknown>;
}

/** Ticks at once, and `intervalMs` after the last tick has been dealt with. A second Ctrl-C ends the process. */
export async function* ticks(
  intervalMs: number,
  { signals, out, pause }: TickSources = { signals: process, out: process.stdout, pause: sleep },
): AsyncGenerator<undefined, void> {
  const stop = stopSignal({ signals, out });
  while (!stop.aborted) {
    yield undefined;
    await pause(intervalMs, undefined, { signal: stop }).catch(() => {});
  }
}

/** Aborts at Ctrl-C, or when nobody reads what is printed. */
export function stopSignal(
  { signals, out }: Omit<TickSources, 'pause'> = { signals: process, out: process.stdout },
): AbortSignal {
  const stop = new AbortController();
  signals.once('SIGINT', () => stop.abort());
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    stop.abort();
  });
  return stop.signal;
}
