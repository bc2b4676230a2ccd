/** What hooks and validators above `contained` are given: paths written out, and what is wrong with that beyond its form. */
import { posix } from 'node:path';
import type { ConfigProblem, HandlerRule } from '../contract/config.js';
import { secretWithin } from '../contract/secrets.js';

type Held = Omit<HandlerRule, 'match' | 'idempotent'>;

export function inHomeMaker(home: string): (path: string) => string {
  return (path) => posix.normalize(path.replace(/^~(?=\/)/, () => home)).replace(/(.)\/$/, '$1');
}

/** Whoever writes these relies on them. */
export function withoutEffect(rule: Held, at: (key: string) => string): ConfigProblem[] {
  if (rule.level !== 'contained') return [];
  const remedy = 'remove it, or set level to "restricted" or "untrusted"';
  const isSet = {
    network: rule.network !== undefined,
    write: rule.write.length > 0,
    read: rule.read.length > 0,
    env: rule.env.length > 0,
    require: rule.require.some((need) => need !== 'cgroup'),
    allowDegraded: rule.allowDegraded,
  };
  return Object.entries(isSet).flatMap(([key, is]) =>
    is ? [{ where: at(key), what: 'it has no effect at level "contained"', remedy }] : [],
  );
}

/** A folder that holds the home's secrets would give them away unseen; one that is named itself is meant. */
export function givenAway(rule: Held, home: string, at: (key: string) => string): ConfigProblem[] {
  return (['write', 'read'] as const).flatMap((key) =>
    rule[key].flatMap((path, index) => {
      const secret = secretWithin(path, home);
      if (secret === undefined || secret === path) return [];
      const remedy = `name the folders below it that are needed, or ${secret} itself`;
      return [{ where: at(`${key}.${index}`), what: `"${path}" holds ${secret}, a secret of the home`, remedy }];
    }),
  );
}
