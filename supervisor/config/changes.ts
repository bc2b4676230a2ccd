/** Two configurations -> what differs, and what of the second can be had without a restart. Pure. */
import { type ConfigChange, TAKES_EFFECT, type TakesEffect } from '../contract/changes.js';
import type { Config } from '../contract/config.js';
import { frozen } from './load.js';

export function changesOf(before: Config, after: Config): ConfigChange[] {
  return differences(before, after, '');
}

function differences(before: object, after: object, parent: string): ConfigChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const keyPath = parent === '' ? name : `${parent}.${name}`;
    const [from, to] = [before, after].map((one) => (one as Record<string, unknown>)[name]);
    // Those are shown one by one, and each of them whole.
    if (isGroup(from) && isGroup(to) && !/^(handlers|validators|hooks)/.test(parent))
      return differences(from, to, keyPath);
    const change = { keyPath, from: textOf(from), to: textOf(to), takesEffect: effectOf(keyPath) };
    return change.from === change.to ? [] : [change];
  });
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function effectOf(keyPath: string): TakesEffect {
  const effect = TAKES_EFFECT[keyPath] ?? TAKES_EFFECT[keyPath.split('.', 1)[0] ?? ''];
  if (effect === undefined) throw new Error(`nobody has said when ${keyPath} takes effect`);
  return effect;
}

/** `after`, with the values of `before` for all that needs a restart. */
export function withoutRestart(before: Config, after: Config): Readonly<Config> {
  return frozen(kept(before, after, '', (effect) => effect === 'restart') as Config);
}

/** `before`, with the values of `after` for all that needs neither restart nor new pools. */
export function onlyForCalls(before: Config, after: Config): Readonly<Config> {
  return frozen(kept(before, after, '', (effect) => effect !== 'calls') as Config);
}

function kept(before: object, after: object, parent: string, isKept: (effect: TakesEffect) => boolean): object {
  const entries = Object.entries(after).map(([name, to]) => {
    const keyPath = parent === '' ? name : `${parent}.${name}`;
    const from = (before as Record<string, unknown>)[name];
    if (isGroup(to) && isGroup(from) && !Array.isArray(to)) return [name, kept(from, to, keyPath, isKept)];
    return [name, isKept(effectOf(keyPath)) ? from : to];
  });
  return Object.fromEntries(entries);
}
