/** Frames of control.sock and library.sock, whose payloads are JSON: values <-> bytes. */
import { FRAME_CONTROL_MAX_BYTES, FRAME_HEADER_BYTES, type FrameKind, WIRE_VERSION } from './wire.js';

type JsonFrameKind = (typeof FrameKind)['CONTROL_REQUEST' | 'CONTROL_REPLY'];

/** @param json of at most FRAME_CONTROL_MAX_BYTES. */
export function encodeFrame(kind: JsonFrameKind, json: string): Buffer {
  const payload = Buffer.from(json);
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32LE(payload.length, 0);
  header.writeUInt16LE(WIRE_VERSION, 4);
  header.writeUInt16LE(kind, 6);
  return Buffer.concat([header, payload]);
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

  /** Pieces are joined only where a boundary lies in between: a large payload is not copied for each of its pieces. */
  private first(bytes: number): Buffer {
    const [first] = this.pieces;
    if (first !== undefined && first.length >= bytes) return first;
    const joined = Buffer.concat(this.pieces);
    this.pieces = [joined];
    return joined;
  }
}
