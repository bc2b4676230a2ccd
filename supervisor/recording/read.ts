/** A recording as it lies on the disk -> its calls. A line that is not whole, as after a crash, is left out and counted. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { LEVELS } from '../contract/call.js';
import { LIMITS } from '../contract/limits.js';
import { OUTCOME_KINDS } from '../contract/outcome.js';
import { RECORDING_SCHEMA, type RecordedCall } from '../contract/recording.js';

export type ReadRecording =
  | { ok: true; calls: RecordedCall[]; damagedLines: number }
  | { ok: false; what: string; remedy: string };

const NOT_OURS = {
  ok: false,
  what: 'is no recording',
  remedy: 'supervisor record on says where it writes one',
} as const;

export function readRecording(path: string): ReadRecording {
  const text = textOf(path);
  if (typeof text !== 'string') return { ok: false, what: text.what, remedy: 'give the file of a recording' };
  const [first = '', ...lines] = text.split('\n');
  const head = objectOf(first);
  if (head?.schema !== RECORDING_SCHEMA) return NOT_OURS;
  const parsed = lines.filter(Boolean).map(objectOf);
  const calls = parsed.filter(isCall);
  return { ok: true, calls, damagedLines: parsed.length - calls.length };
}

function textOf(path: string): string | { what: string } {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const stats = fstatSync(fd);
    if (!stats.isFile()) return { what: 'is no file' };
    if (stats.size > LIMITS.recordingReadMaxBytes)
      return { what: `has more than ${LIMITS.recordingReadMaxBytes} bytes` };
    const bytes = Buffer.alloc(stats.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(fd, bytes, length, bytes.length - length, length);
    return bytes.toString('utf8', 0, length);
  } catch (error) {
    return { what: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function objectOf(line: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** What follows is run: whoever has changed the file by hand is to meet a message and not a surprise. */
function isCall(line: Fields | undefined): line is Fields & RecordedCall {
  if (line === undefined) return false;
  const { argv, cwd, envNames, projects, levelAsked } = line;
  const numbers = [line.atMs, line.wordsMasked, line.timeoutMs, line.exitCode, line.signal, line.ms];
  return (
    Array.isArray(argv) &&
    argv.length > 0 &&
    [...argv, cwd].every(isText) &&
    numbers.every(Number.isFinite) &&
    [line.isShellText, line.isMerged, line.isBlocking].every((flag) => typeof flag === 'boolean') &&
    [line.stdin, line.stdout, line.stderr].every(isStream) &&
    OUTCOME_KINDS.some((kind) => kind === line.outcome) &&
    (levelAsked === null || LEVELS.some((level) => level === levelAsked)) &&
    Array.isArray(envNames) &&
    envNames.every((name) => typeof name === 'string') &&
    isFields(projects) &&
    Object.values(projects).every(Number.isSafeInteger)
  );
}

function isStream(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { content, bytes, isCut, masked } = value;
  return isText(content) && typeof isCut === 'boolean' && [bytes, masked].every(Number.isFinite);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' || (isFields(value) && typeof value.base64 === 'string');
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
