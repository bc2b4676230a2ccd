/** Settings that are fine alone and impossible together. */
import type { ConfigProblem } from '../contract/config.js';
import type { Settings } from './defaults.js';

/** `placeOf`: where the key's value in force came from. */
export function relationProblems(settings: Settings, placeOf: (keyPath: string) => string): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const runtime of ['exec', 'python', 'node'] as const) {
    const parked = settings.parked[runtime];
    if (parked > settings.slotsPerPool) {
      problems.push({
        where: placeOf(`parked.${runtime}`),
        what: `${parked} parked processes do not fit into ${settings.slotsPerPool} slots (${placeOf('slotsPerPool')})`,
        remedy: `lower parked.${runtime} or raise slotsPerPool`,
      });
    }
  }
  if (settings.cgroupPath !== null && settings.cgroup !== 'v2') {
    problems.push({
      where: placeOf('cgroupPath'),
      what: `a cgroup folder is given, but cgroup is "${settings.cgroup}" (${placeOf('cgroup')})`,
      remedy: 'set cgroup to "v2", or remove cgroupPath',
    });
  }
  return problems;
}
