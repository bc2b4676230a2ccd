import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, JsonFrames } from '../../../supervisor/contract/json-frame.js';
import { FRAME_CONTROL_MAX_BYTES, FrameKind } from '../../../supervisor/contract/wire.js';

test('whatever the pieces, the same values come out', () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue(), { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 40 })),
      (values, cuts) => {
        const bytes = Buffer.concat(values.map((one) => encodeFrame(FrameKind.CONTROL_REPLY, JSON.stringify(one))));
        const frames = new JsonFrames(FrameKind.CONTROL_REPLY);
        const out: unknown[] = [];
        for (let at = 0, n = 0; at < bytes.length; n++) {
          const end = at + (cuts[n] ?? bytes.length);
          frames.push(bytes.subarray(at, end));
          at = end;
          for (let next = frames.next(); next.kind === 'frame'; next = frames.next()) out.push(next.value);
        }
        expect(out).toEqual(values.map((one) => JSON.parse(JSON.stringify(one))));
      },
    ),
  );
});

test('a piece may be lent: what is left of it is kept', () => {
  const values = [{ n: 1 }, { n: 2 }, { n: 'x'.repeat(100) }, { n: 4 }];
  const bytes = Buffer.concat(values.map((one) => encodeFrame(FrameKind.CONTROL_REPLY, JSON.stringify(one))));
  for (const pieceBytes of [1, 7, 30, 60, bytes.length]) {
    const frames = new JsonFrames(FrameKind.CONTROL_REPLY);
    const lent = Buffer.alloc(pieceBytes);
    const out: unknown[] = [];
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      frames.push(lent.subarray(0, bytes.copy(lent, 0, at)));
      for (let next = frames.next(); next.kind === 'frame'; next = frames.next()) out.push(next.value);
      frames.keep();
      lent.fill(0);
    }
    expect(out).toEqual(values);
  }
});

test('the header of a frame is of no call, whatever lay in memory', () => {
  for (let n = 0; n < 50; n++) {
    Buffer.allocUnsafe(64).fill(0xff);
    expect(encodeFrame(FrameKind.CONTROL_REPLY, '{"é":1}').subarray(0, 16)).toEqual(
      Buffer.from([8, 0, 0, 0, 1, 0, FrameKind.CONTROL_REPLY, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    );
  }
});

test('a frame that is too long, of another kind or version, or no JSON, is the end of all', () => {
  const nextOf = (bytes: Buffer) => {
    const frames = new JsonFrames(FrameKind.CONTROL_REPLY);
    frames.push(bytes);
    return frames.next();
  };
  const changed = (change: (bytes: Buffer) => void) => {
    const bytes = encodeFrame(FrameKind.CONTROL_REPLY, '{}');
    change(bytes);
    return bytes;
  };
  expect(nextOf(changed((bytes) => bytes.writeUInt32LE(FRAME_CONTROL_MAX_BYTES + 1, 0))).kind).toBe('broken');
  expect(nextOf(changed((bytes) => bytes.writeUInt16LE(2, 4)))).toMatchObject({
    reason: expect.stringContaining('protocol 2'),
  });
  expect(nextOf(encodeFrame(FrameKind.CONTROL_REQUEST, '{}')).kind).toBe('broken');
  expect(nextOf(encodeFrame(FrameKind.CONTROL_REPLY, '{')).kind).toBe('broken');
});
