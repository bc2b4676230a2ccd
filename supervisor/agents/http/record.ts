/** What install has put behind the names in URLs, and what stood in the settings before. Pure over the text of its file. */
import { LEVELS } from '../../contract/call.js';
import { HTTP_HOOK_NAME, type HttpHook } from '../../contract/http.js';
import { isFields } from '../json/fields.js';

/** One entry of one settings file, as it was and as it was written. Latin1. */
export interface HttpUse {
  path: string;
  before: string;
  after: string;
}

export interface RecordedHook {
  hook: HttpHook;
  uses: readonly HttpUse[];
}

export type HttpRecord = ReadonlyMap<string, RecordedHook>;

export const NO_RECORD: HttpRecord = new Map();

const SCHEMA = 'supervisor.http-hooks/v1';

/** Without what is no hook: a spoiled record runs nothing else than it says. */
export function recordIn(text: string): HttpRecord {
  const hooks = hooksOf(text);
  return new Map(Object.entries(hooks).flatMap(([name, one]) => (isRecorded(name, one) ? [[name, one]] : [])));
}

export function recordText(record: HttpRecord): string {
  return `${JSON.stringify({ schema: SCHEMA, hooks: Object.fromEntries(record) }, null, 2)}\n`;
}

/** What both hold. */
export function withUses(record: HttpRecord, added: HttpRecord): HttpRecord {
  const all = new Map(record);
  for (const [name, { hook, uses }] of added) {
    const isNew = ({ path, after }: HttpUse) => !uses.some((use) => use.path === path && use.after === after);
    all.set(name, { hook, uses: [...(all.get(name)?.uses ?? []).filter(isNew), ...uses] });
  }
  return all;
}

/** Of `path` only these uses are left; a name that nobody uses goes. */
export function onlyUses(record: HttpRecord, path: string, kept: HttpRecord): HttpRecord {
  const entries = [...record].map(([name, { hook, uses }]): [string, RecordedHook] => {
    const isKept = (use: HttpUse) => kept.get(name)?.uses.some((one) => one.path === path && one.after === use.after);
    return [name, { hook, uses: uses.filter((use) => use.path !== path || isKept(use) === true) }];
  });
  return new Map(entries.filter(([, { uses }]) => uses.length > 0));
}

function hooksOf(text: string): Record<string, unknown> {
  try {
    const { hooks } = JSON.parse(text) as { hooks?: unknown };
    return isFields(hooks) ? hooks : {};
  } catch {
    return {};
  }
}

function isRecorded(name: string, value: unknown): value is RecordedHook {
  if (!HTTP_HOOK_NAME.test(name) || !isFields(value) || !isFields(value.hook) || !Array.isArray(value.uses))
    return false;
  const { command, args, timeoutMs, level, onFailure } = value.hook;
  return (
    isText(command) &&
    (args === undefined || (Array.isArray(args) && args.every(isText))) &&
    Number.isInteger(timeoutMs) &&
    (level === undefined || LEVELS.some((one) => one === level)) &&
    (onFailure === 'continue' || onFailure === 'block') &&
    value.uses.every((use) => isFields(use) && [use.path, use.before, use.after].every(isText))
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}
