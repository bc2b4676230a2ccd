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
