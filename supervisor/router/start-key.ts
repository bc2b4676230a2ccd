/** What every runtime's pool key is made of: the variables that change how an interpreter starts, and a name. */
import { createHash } from 'node:crypto';
import type { Plan } from '../contract/call.js';

export type InterpreterPlan = Extract<Plan, { kind: 'interpreter' }>;

export type StartVariables = readonly string[] | { unsupported: string };

const START_VARIABLES_MAX = 256;
/** 64 bits: two pools of one name would mix their calls. */
const SHOWN_HEX_DIGITS = 16;

/** The entries that `pattern` picks, sorted; of a name that is there twice the first, which is the one getenv finds.
 *  @param refuse why the interpreter cannot be kept warm with that variable; undefined where it can. */
export function startVariables(
  env: readonly string[],
  pattern: RegExp,
  refuse: (name: string, value: string) => string | undefined,
): StartVariables {
  const picked = new Map<string, string>();
  for (const entry of env) {
    if (!pattern.test(entry)) continue;
    const [name, value] = splitVariable(entry);
    if (picked.has(name)) continue;
    const reason = refuse(name, value);
    if (reason !== undefined) return { unsupported: reason };
    picked.set(name, entry);
  }
  if (picked.size > START_VARIABLES_MAX) return { unsupported: 'too many variables that change its start' };
  return [...picked.values()].sort();
}

export function splitVariable(entry: string): [name: string, value: string] {
  const at = entry.indexOf('=');
  return [entry.slice(0, at), entry.slice(at + 1)];
}

/** Hashed, since the variables may hold secrets and the name is shown. */
export function poolName(runtime: string, parts: readonly string[]): string {
  const hash = createHash('sha256').update(parts.join('\0'), 'latin1').digest('hex');
  return `${runtime}-${hash.slice(0, SHOWN_HEX_DIGITS)}`;
}
