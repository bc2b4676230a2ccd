/** Which calls of a recording can be sent again as they were, and with what environment. Pure but for the question whether a
 *  folder is there. */
import type { KeptText, RecordedCall } from '../../contract/recording.js';

/** Undefined: it can. Never what was masked: without its secret it is another command. */
export function whyNotSent(call: RecordedCall, isFolder: (path: string) => boolean): string | undefined {
  if (call.outcome !== 'answered') return 'the hook had not answered by itself';
  if (call.wordsMasked > 0) return 'a secret was masked in its words';
  if (call.stdin.isCut) return 'its input was too long to be kept whole';
  if (![call.cwd, ...call.argv].every(isText)) return 'its words are no UTF-8';
  if (!isFolder(textOf(call.cwd))) return 'its folder is not there';
  return undefined;
}

function isText(kept: KeptText): kept is string {
  return typeof kept === 'string';
}

/** Of a call that can be sent. */
export function textOf(kept: KeptText): string {
  return isText(kept) ? kept : '';
}

/** Values were not kept: a variable has the value of now, an agent's project that of then. */
export function environmentOf({ projects, cwd }: RecordedCall, now: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const then = Object.entries(projects).map(([name, depth]) => [name, folderAbove(textOf(cwd), depth)]);
  return { ...now, ...Object.fromEntries(then) };
}

function folderAbove(path: string, depth: number): string {
  return depth === 0 ? path : path.split('/').slice(0, -depth).join('/') || '/';
}

/** Variables that hooks had then and would not have now. */
export function namesMissing(calls: readonly RecordedCall[], now: NodeJS.ProcessEnv): string[] {
  const missing = calls.flatMap((call) => {
    const env = environmentOf(call, now);
    return call.envNames.filter((name) => env[name] === undefined);
  });
  return [...new Set(missing)].sort();
}
