/** What has no meaning for a validator that is asked after the answer. Whoever writes it relies on it. */
import type { ConfigProblem } from '../contract/config.js';
import type { ValidatorSpec } from '../contract/validating.js';

export function afterProblems(
  spec: ValidatorSpec,
  all: readonly ValidatorSpec[],
  at: (key: string) => string,
): ConfigProblem[] {
  const remedy = 'remove it, or set after to false';
  const dependsOnLater = spec.dependsOn.filter((name) => all.some((one) => one.name === name && one.after));
  const ofOthers = dependsOnLater.map((name) => ({
    where: at('dependsOn'),
    what: `"${name}" is asked after the answer`,
    remedy: `remove it from dependsOn, or set after of "${name}" to false`,
  }));
  if (!spec.after) return ofOthers;
  const isSet = {
    onFailure: spec.onFailure === 'block',
    dependsOn: spec.dependsOn.length > 0,
    cache: spec.cache !== null,
    batch: spec.batch !== null,
  };
  return Object.entries(isSet).flatMap(([key, is]) =>
    is ? [{ where: at(key), what: 'it has no effect on a validator that is asked after the answer', remedy }] : [],
  );
}
