/** A validator as `status` shows it. */
import type { BreakerStatus } from '../contract/breaking.js';
import type { LaterStatus } from '../contract/later.js';
import type { ValidatorStatus } from '../contract/validating.js';
import type { Validator } from './validator.js';

/** @param breaker undefined: closed, and nothing to tell of it. */
export function validatorStatus(
  validator: Validator,
  breaker: BreakerStatus | undefined,
  laterStatus: (name: string) => LaterStatus,
): ValidatorStatus {
  const { spec, crew, counts } = validator;
  const { workers, restarts, deaths, held } = crew.status();
  const { name, runtime, level, entry } = spec;
  const isOpen = breaker?.phase === 'open';
  return {
    ...{ name, runtime, level, entry, workers, ...counts, restarts, deaths },
    breaker: breaker?.phase ?? 'closed',
    after: spec.after ? laterStatus(name) : null,
    why: held?.message ?? (isOpen ? `its breaker is open: ${breaker.reason}` : ''),
  };
}
