/** Settings that are fine alone and impossible together. */
import type { ConfigProblem } from '../contract/config.js';
import type { Settings } from './defaults.js';
import { parkedProblems } from './parked.js';

/** `placeOf`: where the key's value in force came from. */
export function relationProblems(settings: Settings, placeOf: (keyPath: string) => string): ConfigProblem[] {
  const problems = parkedProblems(settings, placeOf);
  problems.push(...limitProblems(settings.limits, placeOf));
  if (settings.cgroupPath !== null && settings.cgroup !== 'v2') {
    problems.push({
      where: placeOf('cgroupPath'),
      what: `a cgroup folder is given, but cgroup is "${settings.cgroup}" (${placeOf('cgroup')})`,
      remedy: 'set cgroup to "v2", or remove cgroupPath',
    });
  }
  return problems;
}

/** The kernel refuses these pairs, and then the limit is not there at all. */
function limitProblems(limits: Settings['limits'], placeOf: (keyPath: string) => string): ConfigProblem[] {
  const { cpuBurstUs, cpuMax, memoryHighBytes, memoryMaxBytes } = limits;
  const problems: ConfigProblem[] = [];
  const quotaUs = Number(cpuMax?.split(' ')[0] ?? 0);
  if (cpuBurstUs > quotaUs) {
    problems.push({
      where: placeOf('limits.cpuBurstUs'),
      what:
        cpuMax === null ? 'a burst without a quota' : `a burst of ${cpuBurstUs} us above the quota of ${quotaUs} us`,
      remedy: 'give limits.cpuMax a quota that is at least as large, or remove limits.cpuBurstUs',
    });
  }
  if (memoryHighBytes >= memoryMaxBytes) {
    problems.push({
      where: placeOf('limits.memoryHighBytes'),
      what: `${memoryHighBytes} is not below limits.memoryMaxBytes (${memoryMaxBytes}): no task would ever come there`,
      remedy: 'lower limits.memoryHighBytes, or set it to 0',
    });
  }
  return problems;
}
