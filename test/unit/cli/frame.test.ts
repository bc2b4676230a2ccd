import { expect, test } from 'vitest';
import { frame } from '../../../supervisor/cli/render/frame.js';

/** A terminal that knows what frames use, and nothing else: it breaks lines at `width` and scrolls at `height`. */
function terminal(width: number, height: number) {
  const rows = Array.from({ length: height }, () => '');
  let scrolled = 0;
  let row = 0;
  let column = 0;
  const newLine = () => {
    column = 0;
    if (row < height - 1) row++;
    else {
      rows.push('');
      rows.shift();
      scrolled++;
    }
  };
  const put = (letter: string) => {
    if (column === width) newLine();
    rows[row] = `${rows[row]?.slice(0, column).padEnd(column)}${letter}${rows[row]?.slice(column + 1) ?? ''}`;
    column++;
  };
  const obey = (command: string) => {
    if (command === 'H') [row, column] = [0, 0];
    // Behind a full row the cursor still stands on its last character.
    else if (command === 'K') rows[row] = rows[row]?.slice(0, Math.min(column, width - 1)) ?? '';
    else if (command === 'J') rows.splice(row, height, ...Array.from({ length: height - row }, () => ''));
    else throw new Error(`unknown command ${command}`);
  };
  const write = (text: string) => {
    const [first = '', ...commands] = text.split('\x1b[');
    const type = (plain: string) => {
      for (const letter of plain) letter === '\n' ? newLine() : put(letter);
    };
    type(first);
    for (const part of commands) {
      obey(part.slice(0, 1));
      type(part.slice(1));
    }
  };
  return { write, rows: () => rows, scrolled: () => scrolled };
}

test('a frame replaces the one before, also where that was longer or wider', () => {
  const screen = terminal(20, 6);
  screen.write(frame('first line, long\nsecond\nthird\n', { width: 20, height: 6 }));
  expect(screen.rows()).toEqual(['first line, long', 'second', 'third', '', '', '']);
  screen.write(frame('short\nsecond\n', { width: 20, height: 6 }));
  expect(screen.rows()).toEqual(['short', 'second', '', '', '', '']);
});

test('a frame higher than the terminal: its top, how much is missing, and no scrolling', () => {
  const screen = terminal(20, 4);
  for (let turn = 0; turn < 3; turn++) screen.write(frame('1\n2\n3\n4\n5\n', { width: 20, height: 4 }));
  expect(screen.rows()).toEqual(['1', '2', '… 3 more lines', '']);
  expect(screen.scrolled()).toBe(0);
});

test('exactly as high as the terminal allows: all of it', () => {
  const screen = terminal(20, 4);
  screen.write(frame('1\n2\n3\n', { width: 20, height: 4 }));
  expect(screen.rows()).toEqual(['1', '2', '3', '']);
});

test('a line wider than the terminal takes two rows, and leaves nothing of what stood there', () => {
  const screen = terminal(10, 5);
  screen.write(frame('1\n2222222222\n', { width: 10, height: 5 }));
  screen.write(frame(`${'x'.repeat(15)}\n3\n`, { width: 10, height: 5 }));
  expect(screen.rows()).toEqual(['xxxxxxxxxx', 'xxxxx', '3', '', '']);
});
