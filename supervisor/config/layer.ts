/** One layer of settings (file, environment, flags): judged by the schema, every problem with the place it came from. */
import type { ConfigProblem } from '../contract/config.js';
import { KNOWN_KEYS, type UserSettings, userSettings } from './schema.js';
import { suggest } from './suggest.js';

export interface Layer {
  values: unknown;
  /** The place of a key path for people, such as `/home/u/config.json: parked.exec` or `variable NAME`. */
  placeOf(keyPath: string): string;
}

export interface JudgedLayer {
  settings: UserSettings;
  problems: ConfigProblem[];
}

export function judgeLayer(layer: Layer): JudgedLayer {
  const result = userSettings.safeParse(layer.values);
  if (result.success) return { settings: result.data, problems: [] };
  const problems = result.error.issues.flatMap((issue): ConfigProblem[] => {
    const keyPath = issue.path.join('.');
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(layer, keyPath, key));
    const where = layer.placeOf(keyPath);
    const given = JSON.stringify(valueAt(layer.values, issue.path)) ?? 'nothing';
    return [{ where, what: `${given.slice(0, 80)} is not allowed here`, remedy: `give ${issue.message}` }];
  });
  return { settings: {}, problems: withoutRepeats(problems) };
}

function unknownKey(layer: Layer, parentPath: string, key: string): ConfigProblem {
  const keyPath = parentPath === '' ? key : `${parentPath}.${key}`;
  const known = KNOWN_KEYS[parentPath.replace(/\.\d+$/, '')] ?? [];
  const meant = suggest(key, known);
  const remedy = meant === undefined ? `remove it; known here: ${known.join(', ')}` : `did you mean "${meant}"?`;
  return { where: layer.placeOf(keyPath), what: 'there is no such key', remedy };
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  let value = values;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  return value;
}

/** A number may be both fractional and out of range: one sentence is enough. */
function withoutRepeats(problems: ConfigProblem[]): ConfigProblem[] {
  return problems.filter(({ where }, index) => problems.findIndex((other) => other.where === where) === index);
}
