/** A call that was heard -> the line of JSON that is kept of it, without its secrets. Pure. */
import { LIMITS } from '../contract/limits.js';
import type { KeptStream, KeptText, RecordedCall } from '../contract/recording.js';
import type { Beginning } from './beginning.js';
import type { HeardCall } from './heard-call.js';
import { maskBeginning, maskWords } from './mask.js';

export function lineOf(heard: HeardCall): string {
  const { argv, cwd, stdin, stdout, stderr, heldBytes: _, ...rest } = heard;
  const { words, count: wordsMasked } = maskWords([...argv, cwd]);
  const kept = words.map(keptText);
  const call: RecordedCall = {
    ...rest,
    cwd: kept.pop() ?? '',
    argv: kept,
    wordsMasked,
    stdin: keptStream(stdin, LIMITS.recordingStdinMaxBytes),
    stdout: keptStream(stdout, LIMITS.recordingOutputMaxBytes),
    stderr: keptStream(stderr, LIMITS.recordingOutputMaxBytes),
  };
  return `${JSON.stringify(call)}\n`;
}

/** Replay does the same to what it gets, so that both can be compared. */
export function keptStream({ bytes, totalBytes }: Beginning, keepMaxBytes: number): KeptStream {
  const { text, count } = maskBeginning(Buffer.from(bytes).toString('latin1'), keepMaxBytes);
  return { content: keptText(text), bytes: totalBytes, isCut: totalBytes > keepMaxBytes, masked: count };
}

/** @param text a byte string. */
function keptText(text: string): KeptText {
  const bytes = Buffer.from(text, 'latin1');
  const decoded = bytes.toString('utf8');
  return Buffer.from(decoded).equals(bytes) ? decoded : { base64: bytes.toString('base64') };
}

export function bytesOfKept(kept: KeptText): Buffer {
  return typeof kept === 'string' ? Buffer.from(kept) : Buffer.from(kept.base64, 'base64');
}
