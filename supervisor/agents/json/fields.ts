/** JSON objects that others wrote: hooks, agents, installers. */
import { textsAtTop } from './scan.js';

export type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined for anything but one JSON object, and for one of more values. */
export function fieldsIn(json: Buffer, valuesMax?: number): Fields | undefined {
  if (textsAtTop(json, [], valuesMax) === undefined) return undefined;
  try {
    return JSON.parse(json.toString('utf8')) as Fields;
  } catch {
    return undefined;
  }
}

/** '' for what is no text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What is left without these. A name may be `__proto__`: entries make it a field like any other. */
export function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
