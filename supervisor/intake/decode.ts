/** Bytes of a CALL frame -> Call. The native reader has checked that the lengths add up (frame_check_call). */
import type { Call, Level } from '../contract/call.js';
import { CALL_HEAD_BYTES, CallFlag, INHERITED_BYTES, Stream } from '../contract/wire.js';

const LEVELS: Record<number, Level> = { 0: 'contained', 1: 'restricted', 2: 'untrusted' };
const LEVEL_UNSPECIFIED = 255;
const OFFSET = { flags: 0, level: 4, timeoutMs: 8, argc: 12, argv: 16, env: 24, cwd: 28, stdin: 32, inherited: 40 };

/** Undefined for a level number that this version does not know: the call is refused, never loosened. */
export function decodeCall(
  id: number,
  payload: Buffer,
  cwdFd: number,
  receivedAtMs: number,
  clientPid: number,
): Call | undefined {
  const flags = payload.readUInt32LE(OFFSET.flags);
  const levelNumber = payload.readUInt32LE(OFFSET.level);
  const level = LEVELS[levelNumber];
  if (level === undefined && levelNumber !== LEVEL_UNSPECIFIED) return undefined;

  let at = CALL_HEAD_BYTES;
  const take = (lengthOffset: number): [number, number] => {
    const start = at;
    at += payload.readUInt32LE(lengthOffset);
    return [start, at];
  };
  const argv = strings(payload, take(OFFSET.argv));
  const env = strings(payload, take(OFFSET.env));
  const cwd = payload.toString('latin1', ...take(OFFSET.cwd));
  const stdin = payload.subarray(...take(OFFSET.stdin));
  return {
    id,
    raw: payload,
    argv,
    env,
    cwd,
    cwdFd,
    isEvent: (flags & CallFlag.EVENT) !== 0,
    shellText: (flags & CallFlag.SHELL_TEXT) !== 0,
    mergedOutput: (flags & CallFlag.MERGED_OUTPUT) !== 0,
    explain: (flags & CallFlag.EXPLAIN) !== 0,
    readersGone:
      (flags & CallFlag.STDOUT_GONE ? Stream.STDOUT : 0) | (flags & CallFlag.STDERR_GONE ? Stream.STDERR : 0),
    blocking: (flags & CallFlag.BLOCKING) !== 0,
    level,
    timeoutMs: payload.readUInt32LE(OFFSET.timeoutMs),
    inherited: payload.subarray(OFFSET.inherited, OFFSET.inherited + INHERITED_BYTES),
    stdin,
    stdinComplete: (flags & CallFlag.STDIN_COMPLETE) !== 0,
    receivedAtMs,
    clientPid,
  };
}

/** NUL-terminated strings as byte strings. */
function strings(payload: Buffer, [start, end]: [number, number]): string[] {
  if (start === end) return [];
  return payload.toString('latin1', start, end - 1).split('\0');
}
