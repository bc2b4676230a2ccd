import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineBuffer } from '../../../supervisor/ring/line-buffer.js';

test('whatever its pieces are, it is the line', () => {
  const pieces = fc.array(fc.string({ maxLength: 9 }), { maxLength: 2_000, size: 'max' });
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 5 }), (said) => {
      const line = new LineBuffer();
      for (const one of said) {
        for (const piece of one) line.add(Buffer.from(piece));
        expect(line.bytes).toBe(Buffer.byteLength(one.join('')));
        expect(line.take()).toBe(one.join(''));
        expect(line.bytes).toBe(0);
      }
    }),
    { numRuns: 20 },
  );
});

test('in single bytes it takes no more than twice its own, and nothing once it was taken', () => {
  const line = new LineBuffer();
  let perByte = 0;
  for (let at = 0; at < 64 * 1024; at++) {
    line.add(Buffer.from('x'));
    if (line.bytes > 128) perByte = Math.max(perByte, line.heldBytes / line.bytes);
  }
  expect(perByte).toBeLessThanOrEqual(2);
  line.take();
  expect(line.heldBytes).toBe(0);
});
