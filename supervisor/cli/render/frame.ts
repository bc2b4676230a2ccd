/** One picture after the other in the same place of a terminal. The cursor stays visible and the screen stays the user's:
 *  whatever ends the command, there is nothing to put back. */
import { stripVTControlCharacters } from 'node:util';
import type { Screen } from '../screen.js';

const CURSOR_HOME = '\x1b[H';
const CLEAR_LINE_END = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

type Size = Pick<Screen, 'width' | 'height'>;

/** Where it does not fit the top is shown: a terminal that scrolls would keep a trail of old tops. */
export function frame(text: string, { width, height }: Size): string {
  const rows = text
    .trimEnd()
    .split('\n')
    .flatMap((line) => rowsOf(line, width));
  const rowsMax = height - 1; // the last one is the cursor's
  const shown = rows.length <= rowsMax ? rows : rows.slice(0, Math.max(0, rowsMax - 1));
  const missing = rows.length - shown.length;
  const note = missing === 0 ? [] : [`… ${missing} more lines`];
  // Row by row, as a cleared screen flickers; before the text, as behind a full row it would take the last character.
  return `${CURSOR_HOME}${[...shown, ...note].map((row) => `${CLEAR_LINE_END}${row}\n`).join('')}${CLEAR_BELOW}`;
}

/** Broken here, not by the terminal, which would not clear what stood behind the second part. */
function rowsOf(line: string, width: number): string[] {
  const plain = stripVTControlCharacters(line);
  if (plain.length <= width) return [line];
  return Array.from({ length: Math.ceil(plain.length / width) }, (_, index) =>
    plain.slice(index * width, (index + 1) * width),
  );
}
