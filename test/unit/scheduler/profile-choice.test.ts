import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MIB } from '../../../supervisor/contract/limits.js';
import { PROFILES, type Profile } from '../../../supervisor/contract/profiles.js';
import {
  afterLook,
  beginChoice,
  type ChoiceState,
  LOOK_EVERY_MS,
  LOOKS_TO_CHANGE,
  type Look,
  REST_MS,
} from '../../../supervisor/scheduler/profile-choice.js';

const CALM: Look = {
  ...{ spareMemoryBytes: 4096 * MIB, memoryPressurePercent: 0, cpuPressurePercent: 0 },
  ...{ waiting: 0, longestWaitMs: 0, failedPercent: 0, daemonLateMs: 0 },
};
const SHORT = { ...CALM, spareMemoryBytes: 8 * MIB };
const LOADED = { ...CALM, waiting: 100 };
const BUSY = { ...CALM, cpuPressurePercent: 80 };

/** Looked at in the usual rhythm, long after the last change. @returns the profile after each. */
function course(looks: readonly Look[], from: Profile = 'balanced'): Profile[] {
  let state: ChoiceState = { ...beginChoice(-REST_MS), inForce: from, wanted: from };
  return looks.map((look, index) => {
    state = afterLook(state, look, index * LOOK_EVERY_MS);
    return state.inForce;
  });
}
const changes = (course: readonly Profile[], from: Profile = 'balanced') =>
  course.filter((one, index) => one !== (course[index - 1] ?? from)).length;
const times = (count: number, look: Look) => Array.from({ length: count }, () => look);

describe('what is asked for', () => {
  test.each([
    ['memory is pressed', { ...CALM, memoryPressurePercent: 11 }, 'resource_constrained'],
    ['little memory is spare', SHORT, 'resource_constrained'],
    ['memory counts more than what waits', { ...LOADED, spareMemoryBytes: -1 }, 'resource_constrained'],
    ['much waits', LOADED, 'throughput'],
    ['something waits long', { ...CALM, longestWaitMs: 150 }, 'throughput'],
    ['processors are pressed', BUSY, 'balanced'],
    ['validators fail', { ...CALM, failedPercent: 50 }, 'balanced'],
    ['the daemon is late', { ...CALM, daemonLateMs: 80 }, 'balanced'],
    ['the host says nothing of its processors', { ...CALM, cpuPressurePercent: null }, 'balanced'],
    [
      'the host says nothing of its memory',
      { ...CALM, spareMemoryBytes: null, memoryPressurePercent: null },
      'latency',
    ],
    ['there is room', CALM, 'latency'],
  ] as const)('%s', (_name, look, expected) => {
    for (const from of PROFILES) expect(course(times(40, look), from).at(-1)).toBe(expected);
  });
});

describe('hysteresis', () => {
  test('a condition must be there at several looks in a row', () => {
    expect(changes(course(times(LOOKS_TO_CHANGE - 1, SHORT)))).toBe(0);
    expect(changes(course(times(LOOKS_TO_CHANGE, SHORT)))).toBe(1);
    const broken = [...times(LOOKS_TO_CHANGE - 1, SHORT), BUSY, ...times(LOOKS_TO_CHANGE - 1, SHORT)];
    expect(changes(course(broken))).toBe(0);
  });

  test('looks that want different things count for none of them', () => {
    expect(changes(course([SHORT, LOADED, SHORT, LOADED, SHORT, LOADED, SHORT]))).toBe(0);
  });

  test('after a change it rests', () => {
    const looks = [...times(3, SHORT), ...times(12, BUSY)];
    const at = course(looks).indexOf('balanced', 3);
    expect((at - 2) * LOOK_EVERY_MS).toBe(REST_MS);
  });

  test('what begins at one threshold ends below a lower one', () => {
    const between = { ...CALM, waiting: 16 };
    expect(course(times(40, between), 'throughput').at(-1)).toBe('throughput');
    expect(course(times(40, between), 'balanced').at(-1)).not.toBe('throughput');
    expect(course(times(40, { ...CALM, cpuPressurePercent: 25 }), 'latency').at(-1)).toBe('latency');
    expect(course(times(40, { ...CALM, cpuPressurePercent: 25 }), 'balanced').at(-1)).toBe('balanced');
    const spare = { ...CALM, spareMemoryBytes: 128 * MIB };
    expect(course(times(40, spare), 'resource_constrained').at(-1)).toBe('resource_constrained');
    expect(course(times(40, spare)).at(-1)).toBe('latency');
  });
});

describe('any course of things', () => {
  const figure = (max: number) => fc.integer({ min: 0, max });
  const percent = fc.option(figure(100));
  const anyLook: fc.Arbitrary<Look> = fc.record({
    spareMemoryBytes: fc.option(fc.integer({ min: -MIB, max: 400 * MIB })),
    ...{ memoryPressurePercent: percent, cpuPressurePercent: percent, failedPercent: figure(100) },
    ...{ waiting: figure(100), longestWaitMs: figure(300), daemonLateMs: figure(200) },
  });
  const anyProfile = fc.constantFrom(...PROFILES);

  test('never two changes within the rest', () => {
    fc.assert(
      fc.property(anyProfile, fc.array(anyLook, { maxLength: 200 }), (from, looks) => {
        const seen = course(looks, from);
        const at = seen.flatMap((one, index) => (one === (seen[index - 1] ?? from) ? [] : [index * LOOK_EVERY_MS]));
        expect(at.every((ms, index) => index === 0 || ms - (at[index - 1] ?? 0) >= REST_MS)).toBe(true);
      }),
    );
  });

  test('the same look again and again: one change at most, at the first looks', () => {
    fc.assert(
      fc.property(anyProfile, anyLook, (from, look) => {
        const seen = course(times(60, look), from);
        expect(changes(seen, from)).toBeLessThanOrEqual(1);
        expect(new Set(seen.slice(LOOKS_TO_CHANGE - 1)).size).toBe(1);
      }),
    );
  });

  test('noise between the two thresholds of every figure changes nothing', () => {
    const noise: fc.Arbitrary<Look> = fc.record({
      spareMemoryBytes: fc.integer({ min: 64 * MIB, max: 192 * MIB - 1 }),
      memoryPressurePercent: fc.integer({ min: 4, max: 9 }),
      cpuPressurePercent: fc.integer({ min: 15, max: 39 }),
      waiting: fc.integer({ min: 8, max: 31 }),
      longestWaitMs: fc.integer({ min: 25, max: 99 }),
      failedPercent: fc.integer({ min: 5, max: 19 }),
      daemonLateMs: fc.integer({ min: 15, max: 49 }),
    });
    fc.assert(
      fc.property(anyProfile, fc.array(noise, { minLength: 100, maxLength: 200 }), (from, looks) => {
        expect(changes(course(looks, from), from)).toBe(0);
      }),
    );
  });
});
