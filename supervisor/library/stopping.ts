/** One listener on the caller's signal for all that one question of its makes of it: a batch is many requests, and Node warns of a
 *  signal with many listeners. */
import { setMaxListeners } from 'node:events';

export async function stoppedBy<Result>(
  signal: AbortSignal | undefined,
  run: (stop: AbortSignal | undefined) => Promise<Result>,
): Promise<Result> {
  if (signal === undefined) return run(undefined);
  const own = new AbortController();
  setMaxListeners(0, own.signal);
  const stop = () => own.abort();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await run(own.signal);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
