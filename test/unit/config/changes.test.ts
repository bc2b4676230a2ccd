import { describe, expect, it } from 'vitest';
import { changesOf, withoutRestart } from '../../../supervisor/config/changes.js';
import { defaultConfig } from '../../../supervisor/config/defaults.js';
import type { Config, HandlerRule } from '../../../supervisor/contract/config.js';

const config = (change: Partial<Config> = {}): Config => ({
  ...defaultConfig(8 * 2 ** 30),
  ...{ homeFolder: '/h', runtimeFolder: '/r', stateFolder: '/s' },
  ...change,
});
const rule = (match: string): HandlerRule => ({
  ...{ match, level: 'restricted', network: undefined, write: [], read: [], env: [], require: [] },
  ...{ allowDegraded: false, idempotent: false },
});

describe('changesOf', () => {
  it('equal configurations: nothing', () => {
    expect(changesOf(config(), config())).toEqual([]);
  });

  it('every key has its word on when it takes effect, those of groups too', () => {
    const text = (value: unknown): unknown =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, text(inner)]))
        : 'another';
    const changed = text(config()) as Config;
    const changes = changesOf(config(), changed);
    expect(changes.length).toBeGreaterThan(30);
    for (const { takesEffect } of changes) expect(['calls', 'pools', 'restart']).toContain(takesEffect);
  });

  it('a key of a group by its path, with its own word where it differs from the group', () => {
    const { limits } = config();
    expect(changesOf(config(), config({ limits: { ...limits, pidsMax: 7, cpuset: '0-1' } }))).toEqual([
      { keyPath: 'limits.pidsMax', from: '512', to: '7', takesEffect: 'pools' },
      { keyPath: 'limits.cpuset', from: 'null', to: '"0-1"', takesEffect: 'restart' },
    ]);
  });

  it('handlers one by one, each whole: changed, added, removed', () => {
    const [a, b, c] = ['/a', '/b', '/c'].map(rule) as [HandlerRule, HandlerRule, HandlerRule];
    const [changed, added] = changesOf(config({ handlers: [a, b] }), config({ handlers: [a, c, b] }));
    expect(changed).toMatchObject({ keyPath: 'handlers.1', from: JSON.stringify(b), to: JSON.stringify(c) });
    expect(added).toEqual({ keyPath: 'handlers.2', from: null, to: JSON.stringify(b), takesEffect: 'calls' });
    expect(changesOf(config({ handlers: [a] }), config())).toMatchObject([{ keyPath: 'handlers.0', to: null }]);
  });
});

describe('withoutRestart', () => {
  it('takes what can be had, and keeps the rest as it was, frozen', () => {
    const before = config();
    const after = config({
      timeoutMs: 9,
      cgroup: 'none',
      handlers: [rule('/x')],
      limits: { ...before.limits, pidsMax: 7, totalPidsMax: 100 },
      records: { ...before.records, on: false },
    });
    const mixed = withoutRestart(before, after);
    expect(mixed).toEqual({
      ...before,
      timeoutMs: 9,
      handlers: [rule('/x')],
      limits: { ...before.limits, pidsMax: 7 },
    });
    expect([mixed, mixed.limits, mixed.handlers].every(Object.isFrozen)).toBe(true);
  });

  it('what needs a restart is still a change afterwards, and nothing else', () => {
    const after = config({ timeoutMs: 9, cgroup: 'none' });
    expect(changesOf(withoutRestart(config(), after), after).map(({ keyPath }) => keyPath)).toEqual(['cgroup']);
  });
});
