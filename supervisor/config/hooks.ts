/** The `hooks` of the configuration, with all that was not said, and what is wrong with them together. */
import type { ConfigProblem } from '../contract/config.js';
import type { EventHookSpec } from '../contract/event-hooks.js';
import type { ValidatorSpec } from '../contract/validating.js';
import type { UserSettings } from './schema.js';

type Given = NonNullable<UserSettings['hooks']>[number];

export function eventHookSpecs(given: readonly Given[]): EventHookSpec[] {
  return given.map(
    ({ name, command, agents = [], events = [], matcher = '', level, timeoutMs = 60_000, onFailure }) => ({
      ...{ name, command, agents, events, matcher, level, timeoutMs, onFailure },
    }),
  );
}

/** What is told of an event tells who has said it, by name: no two may have one. */
export function eventHookProblems(
  specs: readonly EventHookSpec[],
  validators: readonly ValidatorSpec[],
  placeOf: (keyPath: string) => string,
): ConfigProblem[] {
  return specs.flatMap(({ name }, index) => {
    const isTaken =
      specs.findIndex((one) => one.name === name) !== index || validators.some((one) => one.name === name);
    const remedy = 'give each validator and each hook its own name';
    return isTaken ? [{ where: placeOf(`hooks.${index}.name`), what: `there is another "${name}"`, remedy }] : [];
  });
}
