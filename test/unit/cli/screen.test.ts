import { describe, expect, test } from 'vitest';
import { type OutputStream, screenOf, wantsColour, withoutColour } from '../../../supervisor/cli/screen.js';

test('colour: a demand beats a refusal, a refusal beats the terminal', () => {
  expect(wantsColour({}, true)).toBe(true);
  expect(wantsColour({}, false)).toBe(false);
  expect(wantsColour({ NO_COLOR: '1' }, true)).toBe(false);
  expect(wantsColour({ NO_COLOR: '' }, true)).toBe(true);
  expect(wantsColour({ TERM: 'dumb' }, true)).toBe(false);
  expect(wantsColour({ FORCE_COLOR: '1', NO_COLOR: '1' }, false)).toBe(true);
  expect(wantsColour({ FORCE_COLOR: '0' }, true)).toBe(false);
});

describe('size', () => {
  const terminal: OutputStream = { isTTY: true, columns: 132, rows: 50 };

  test('that of the terminal, also after it has changed, and after --no-color', () => {
    const stream = { ...terminal };
    const screen = withoutColour(screenOf(stream, {}));
    expect(screen).toMatchObject({ width: 132, height: 50, isTerminal: true, isColoured: false });
    stream.columns = 44;
    stream.rows = 10;
    expect(screen).toMatchObject({ width: 44, height: 10 });
  });

  test('a terminal that does not tell: 80 by 24', () => {
    expect(screenOf({ isTTY: true, columns: 0 }, {})).toMatchObject({ width: 80, height: 24 });
  });

  test('a pipe: nothing is cut', () => {
    expect(screenOf({}, {})).toMatchObject({ width: Infinity, height: Infinity, isTerminal: false });
  });

  test('COLUMNS counts everywhere; what is no width is not looked at', () => {
    expect(screenOf(terminal, { COLUMNS: '60' }).width).toBe(60);
    expect(screenOf({}, { COLUMNS: '60' }).width).toBe(60);
    for (const text of ['', '0', '-5', 'wide', '1e999']) expect(screenOf(terminal, { COLUMNS: text }).width).toBe(132);
  });
});
