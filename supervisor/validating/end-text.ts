/** The end of a resident worker in words. */
import type { Config } from '../contract/config.js';
import type { TaskEnd } from '../pool/report.js';
import type { WorkerEnd } from './worker.js';

export function endText(end: TaskEnd, limits: Config['limits'], words: string): string {
  const said = words === '' ? '' : `: ${words}`;
  if (end.kind === 'limitHit') {
    const of = end.limit === 'memory' ? ` of ${limits.memoryMaxBytes} bytes` : '';
    return `its worker was ended at its ${end.limit ?? 'memory'} limit${of}${said}`;
  }
  const how = end.signal !== 0 ? `by signal ${end.signal}` : `with exit code ${end.exitCode}`;
  return `its worker ended ${how}${said}`;
}

/** @param what it is late with. @param by who has the process to itself. */
export function heldUpText(what: string, by: string): string {
  return `${what}: ${by}, with which it shares a process, lets nobody have a turn`;
}

/** Why no worker is started for a while. */
export function heldText({ cause, message, isHopeless }: WorkerEnd): string {
  return isHopeless === true ? `no start of it will do: ${message}` : `its workers died too often (${cause})`;
}

/** The last line that a process has said, out of its last bytes. */
export class LastWords {
  private tail = Buffer.alloc(0);

  constructor(private readonly maxBytes: number) {}

  take(bytes: Buffer): void {
    const all = Buffer.concat([this.tail, bytes]);
    this.tail = Buffer.from(all.subarray(Math.max(0, all.length - this.maxBytes)));
  }

  /** Without what a terminal would act on; '' for nothing. */
  line(): string {
    const lines = this.tail
      .toString('utf8')
      .split('\n')
      .map((line) => line.trim());
    const last = lines.filter((line) => line !== '').at(-1) ?? '';
    return last.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, SHOWN_CHARS);
  }
}

const SHOWN_CHARS = 300;
