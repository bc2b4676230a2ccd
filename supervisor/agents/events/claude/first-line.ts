/** `{"async":true}` as the first line of a hook: the agent does not wait for the rest, which decides nothing. */
import { fieldsIn } from '../../json/fields.js';

const NEWLINE = 10;
export const FIRST_LINE_MAX_BYTES = 1024;

/** Undefined: it cannot be told of what there is so far. */
export function isAsync(stdout: Buffer): boolean | undefined {
  const end = stdout.indexOf(NEWLINE);
  const line = end === -1 ? stdout : stdout.subarray(0, end);
  if (line.length > FIRST_LINE_MAX_BYTES) return false;
  const fields = fieldsIn(line);
  if (fields !== undefined) return fields.async === true;
  return end === -1 ? undefined : false;
}

export function behindFirstLine(stdout: Buffer): Buffer {
  const end = stdout.indexOf(NEWLINE);
  return end === -1 ? Buffer.alloc(0) : stdout.subarray(end + 1);
}
