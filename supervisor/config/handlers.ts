/** The rules of `handlers`: paths written out, and what is wrong with them beyond their form. */
import type { ConfigProblem, HandlerRule } from '../contract/config.js';
import { givenAway, inHomeMaker, withoutEffect } from './held.js';
import type { UserSettings } from './schema.js';

type GivenRule = NonNullable<UserSettings['handlers']>[number];

/** @param home absolute, in its plain form. */
export function handlerRules(given: readonly GivenRule[], home: string): HandlerRule[] {
  const inHome = inHomeMaker(home);
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
