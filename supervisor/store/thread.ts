/** The daemon's end of the writer's thread. */
import type { Tinypool } from 'tinypool';
import { LIMITS, MIB } from '../contract/limits.js';
import type { Batch } from './insert.js';
import type { WriterReply, WriterSettings } from './writer.js';
import type { WriterRequest } from './writer-thread.js';

export interface WriterThread {
  /** Never rejects. */
  write(batch: Batch, nowMs: number): Promise<WriterReply>;
  /** After what it was given before. Ends the thread. */
  close(): Promise<void>;
}

/** The thread starts with the first batch, and anew should it have died. */
export function writerThread(settings: WriterSettings): WriterThread {
  let pool: Promise<Tinypool> | undefined;
  const ask = async (request: WriterRequest): Promise<WriterReply | undefined> => {
    pool ??= startPool();
    return (await pool).run(request);
  };
  return {
    async write(batch, nowMs) {
      const request: WriterRequest = { kind: 'write', settings, batch, nowMs };
      const answered = await ask(request).catch((error: Error) => error);
      if (answered !== undefined && 'kind' in answered) return answered;
      return { kind: 'trouble', trouble: 'io', reason: `the writer has died: ${answered?.message ?? 'no answer'}` };
    },
    async close() {
      const last = pool;
      if (last === undefined) return;
      await ask({ kind: 'close', settings }).catch(() => undefined);
      pool = undefined;
      await (await last).destroy();
    },
  };
}

/** Imported late: a daemon that starts has more urgent things to do. */
async function startPool(): Promise<Tinypool> {
  const { Tinypool } = await import('tinypool');
  return new Tinypool({
    filename: new URL('writer-thread.js', import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    // Nothing of the daemon's environment is needed there.
    env: {},
    resourceLimits: {
      maxOldGenerationSizeMb: LIMITS.writerHeapMaxBytes / MIB,
      // Rows live for a moment only: more room for them would only be filled later.
      maxYoungGenerationSizeMb: LIMITS.writerYoungMaxBytes / MIB,
    },
  });
}
