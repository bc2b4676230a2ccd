/** A bar that fills, in one line of a terminal. */

const BAR_COLUMNS = 20;
const DRAW_EVERY_MS = 100;
const CLEAR_LINE = '\r\x1b[K';

export interface Progress {
  show(done: number, words: string): void;
  /** Takes it away. */
  clear(): void;
}

/** @param write undefined: there is no terminal, and nothing is drawn. */
export function progressBar(
  total: number,
  write: ((text: string) => void) | undefined,
  nowMs: () => number = () => performance.now(),
): Progress {
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  return {
    show(done, words) {
      if (write === undefined || (nowMs() - drawnAtMs < DRAW_EVERY_MS && done < total)) return;
      drawnAtMs = nowMs();
      const full = Math.floor((BAR_COLUMNS * done) / total);
      write(`${CLEAR_LINE}[${'#'.repeat(full)}${'-'.repeat(BAR_COLUMNS - full)}] ${done}/${total}  ${words}`);
    },
    clear: () => write?.(CLEAR_LINE),
  };
}
