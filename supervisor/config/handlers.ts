/** The rules of `handlers`: paths written out, and what is wrong with them beyond their form. */
import { posix } from 'node:path';
import type { ConfigProblem, HandlerRule } from '../contract/config.js';
import { secretWithin } from '../contract/secrets.js';
import type { UserSettings } from './schema.js';

type GivenRule = NonNullable<UserSettings['handlers']>[number];

/** @param home absolute, in its plain form. */
export function handlerRules(given: readonly GivenRule[], home: string): HandlerRule[] {
  const inHome = (path: string) => posix.normalize(path.replace(/^~(?=\/)/, () => home)).replace(/(.)\/$/, '$1');
  return given.map(
    ({
      match,
      level,
      network,
      write = [],
      read = [],
      env = [],
      require = [],
      allowDegraded = false,
      idempotent = false,
    }) => ({
      match: match.replace(/^~(?=\/)/, () => home.replace(/[\\*?[\](){}!+@|]/g, '\\$&')),
      level,
      network,
      write: write.map(inHome),
      read: read.map(inHome),
      env,
      require,
      allowDegraded,
      idempotent,
    }),
  );
}

export function handlerProblems(
  rules: readonly HandlerRule[],
  home: string,
  placeOf: (keyPath: string) => string,
): ConfigProblem[] {
  return rules.flatMap((rule, index) => {
    const at = (key: string) => placeOf(`handlers.${index}.${key}`);
    return [...withoutEffect(rule, at), ...givenAway(rule, home, at)];
  });
}

/** Whoever writes these relies on them. */
function withoutEffect(rule: HandlerRule, at: (key: string) => string): ConfigProblem[] {
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
function givenAway(rule: HandlerRule, home: string, at: (key: string) => string): ConfigProblem[] {
  return (['write', 'read'] as const).flatMap((key) =>
    rule[key].flatMap((path, index) => {
      const secret = secretWithin(path, home);
      if (secret === undefined || secret === path) return [];
      const remedy = `name the folders below it that are needed, or ${secret} itself`;
      return [{ where: at(`${key}.${index}`), what: `"${path}" holds ${secret}, a secret of the home`, remedy }];
    }),
  );
}
