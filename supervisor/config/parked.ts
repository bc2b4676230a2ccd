/** The settings `parked`: a number for so many at any time, or an object for as many as calls ask for. */
import type { Runtime } from '../contract/call.js';
import type { Config, ConfigProblem } from '../contract/config.js';
import type { ParkedRange } from '../contract/parked-range.js';
import type { UserSettings } from './schema.js';

type Given = Exclude<NonNullable<UserSettings['parked']>[Runtime], undefined>;

/** @param before from a weaker layer: its other end gives way to the one that is given. */
export function parkedRange(given: Given, before: ParkedRange): ParkedRange {
  if (typeof given === 'number') return { min: given, max: given };
  const { min, max } = given;
  return {
    min: min ?? Math.min(before.min, max ?? before.min),
    max: max ?? Math.max(before.max, min ?? before.max),
  };
}

/** Who asks for few slots does not have to lower our own numbers of parked processes as well. */
export function fitParked(
  { parked, slotsPerPool }: Pick<Config, 'parked' | 'slotsPerPool'>,
  isSet: (keyPath: string) => boolean,
): void {
  for (const runtime of Object.keys(parked) as Runtime[]) {
    const { min, max } = parked[runtime];
    if (!isSet(`parked.${runtime}`)) {
      parked[runtime] = { min: Math.min(min, slotsPerPool), max: Math.min(max, slotsPerPool) };
    }
  }
}

export function parkedProblems(
  { parked, slotsPerPool }: Pick<Config, 'parked' | 'slotsPerPool'>,
  placeOf: (keyPath: string) => string,
): ConfigProblem[] {
  return (Object.keys(parked) as Runtime[]).flatMap((runtime) => {
    const { min, max } = parked[runtime];
    const where = placeOf(`parked.${runtime}`);
    if (min > max) {
      return [
        { where, what: `at least ${min} and at most ${max} processes`, remedy: 'give a max that is not below min' },
      ];
    }
    if (max <= slotsPerPool) return [];
    return [
      {
        where,
        what: `${max} parked processes do not fit into ${slotsPerPool} slots (${placeOf('slotsPerPool')})`,
        remedy: `lower parked.${runtime} or raise slotsPerPool`,
      },
    ];
  });
}
