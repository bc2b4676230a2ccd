/** The daemon's end of the thread that writes a recording. It is there only while there is a recording. */
import type { Tinypool } from 'tinypool';
import { LIMITS, MIB } from '../contract/limits.js';
import type { WriteReply, WriteRequest } from './writer.js';

export interface RecordingThread {
  /** Never rejects. */
  write(request: WriteRequest): Promise<WriteReply>;
  close(): Promise<void>;
}

export function recordingThread(): RecordingThread {
  const pool = startPool();
  return {
    write(request) {
      const transferList = request.calls.flatMap(({ stdin, stdout, stderr }) =>
        [stdin, stdout, stderr].map(({ bytes }) => bytes.buffer as ArrayBuffer),
      );
      return pool
        .then((one) => one.run(request, { transferList }))
        .catch((error: Error) => ({ ok: false, written: 0, bytes: 0, why: `its thread has died: ${error.message}` }));
    },
    close: async () => (await pool).destroy(),
  };
}

/** Imported late: most daemons never record. */
async function startPool(): Promise<Tinypool> {
  const { Tinypool } = await import('tinypool');
  return new Tinypool({
    filename: new URL('writer.js', import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    // Nothing of the daemon's environment is needed there.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: LIMITS.recordingHeapMaxBytes / MIB },
  });
}
