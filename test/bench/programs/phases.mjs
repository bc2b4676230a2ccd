// A load that changes: what is offered in each phase, and what `adaptive` would see of it at a look, as a middle and how far it is off.
const MIB = 1024 * 1024;
const LOOKS_OF_CALM = {
  ...{ spareMemoryBytes: [4096 * MIB, 512 * MIB], memoryPressurePercent: [0, 0], cpuPressurePercent: [4, 4] },
  ...{ waiting: [0, 0], longestWaitMs: [1, 1], failedPercent: [0, 0], daemonLateMs: [1, 1] },
};

/** `spinning`: processes that take all the processor they get. */
export const PHASES = {
  calm: { ratePerS: 20, failing: 0, spinning: 0, looks: LOOKS_OF_CALM },
  burst: {
    ...{ ratePerS: 2_000, failing: 0, spinning: 0 },
    looks: { ...LOOKS_OF_CALM, waiting: [60, 50], longestWaitMs: [120, 100], cpuPressurePercent: [40, 20] },
  },
  'processors wanted': {
    ...{ ratePerS: 300, failing: 0, spinning: 3 },
    looks: { ...LOOKS_OF_CALM, cpuPressurePercent: [60, 30], daemonLateMs: [40, 30], waiting: [4, 4] },
  },
  failing: {
    ...{ ratePerS: 300, failing: 0.3, spinning: 0 },
    looks: { ...LOOKS_OF_CALM, failedPercent: [30, 15], cpuPressurePercent: [10, 8] },
  },
};

/** Around the very thresholds, so that what follows each look would change at each. */
export const EDGE = { ...LOOKS_OF_CALM, waiting: [32, 32], cpuPressurePercent: [28, 28], daemonLateMs: [32, 32] };

export function lookOf(looks, random) {
  const drawn = Object.entries(looks).map(([figure, [middle, off]]) => [figure, middle + (2 * random() - 1) * off]);
  return Object.fromEntries(drawn.map(([figure, value]) => [figure, Math.round(value)]));
}
