/** Frames of control.sock and library.sock, whose payloads are JSON: values <-> bytes. */
import { FRAME_CONTROL_MAX_BYTES, FRAME_HEADER_BYTES, type FrameKind, WIRE_VERSION } from './wire.js';

type JsonFrameKind = (typeof FrameKind)['CONTROL_REQUEST' | 'CONTROL_REPLY'];

/** @param json of at most FRAME_CONTROL_MAX_BYTES. */
export function encodeFrame(kind: JsonFrameKind, json: string): Buffer {
  const payloadBytes = Buffer.byteLength(json);
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payloadBytes);
  frame.writeUInt32LE(payloadBytes, 0);
  frame.writeUInt16LE(WIRE_VERSION, 4);
  frame.writeUInt16LE(kind, 6);
  frame.fill(0, 8, FRAME_HEADER_BYTES); // of no call
  frame.write(json, FRAME_HEADER_BYTES);
  return frame;
}

export type NextFrame =
  | { kind: 'frame'; value: unknown }
  /** Bytes are missing. */
  | { kind: 'more' }
  /** Whoever writes there is no daemon of this version; nothing after it can be read. */
  | { kind: 'broken'; reason: string };

const MALFORMED: NextFrame = { kind: 'broken', reason: 'its answer is malformed' };

/** Frames of one kind from a stream of bytes. */
export class JsonFrames {
  private pieces: Buffer[] = [];
  private lengthBytes = 0;

  constructor(private readonly kind: JsonFrameKind) {}

  push(piece: Buffer): void {
    this.pieces.push(piece);
    this.lengthBytes += piece.length;
  }

  next(): NextFrame {
    if (this.lengthBytes < FRAME_HEADER_BYTES) return { kind: 'more' };
    const header = this.first(FRAME_HEADER_BYTES);
    const payloadBytes = header.readUInt32LE(0);
    const version = header.readUInt16LE(4);
    if (version !== WIRE_VERSION) {
      const reason = `it speaks protocol ${version}, this command ${WIRE_VERSION}: restart it with this version`;
      return { kind: 'broken', reason };
    }
    if (header.readUInt16LE(6) !== this.kind || payloadBytes > FRAME_CONTROL_MAX_BYTES) return MALFORMED;
    const end = FRAME_HEADER_BYTES + payloadBytes;
    if (this.lengthBytes < end) return { kind: 'more' };
    const whole = this.first(end);
    if (whole.length === end) this.pieces.shift();
    else this.pieces[0] = whole.subarray(end);
    this.lengthBytes -= end;
    try {
      return { kind: 'frame', value: JSON.parse(whole.toString('utf8', FRAME_HEADER_BYTES, end)) };
    } catch {
      return MALFORMED;
    }
  }

  /** What is left of a piece that was lent. */
  keep(): void {
    const last = this.pieces.pop();
    if (last !== undefined) this.pieces.push(Buffer.from(last));
  }

  /** Pieces are joined only where a boundary lies in between: a large payload is not copied for each of its pieces. */
  private first(bytes: number): Buffer {
    const [first] = this.pieces;
    if (first !== undefined && first.length >= bytes) return first;
    const joined = Buffer.concat(this.pieces);
    this.pieces = [joined];
    return joined;
  }
}
