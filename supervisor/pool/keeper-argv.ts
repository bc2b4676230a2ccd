/** The command line of a keeper. */
import type { PoolGroup } from '../cgroup/driver.js';
import type { Runtime } from '../contract/call.js';
import type { PoolLimits } from '../contract/config.js';
import type { Confinement } from '../contract/confinement.js';
import { LIMITS } from '../contract/limits.js';
import type { ParkedCounts } from './demand.js';

export interface PoolSpec {
  /** `exec`, or the runtime and the hex digits of the pool key. */
  id: string;
  runtime: Runtime;
  /** For people: interpreter and flags. */
  describes: string;
  /** What the keeper starts as zygote; for node, the file of a parked process and its argv; empty for exec. */
  zygoteArgv: readonly string[];
  /** The keeper's environment, which is the zygote's. */
  env: readonly string[];
  parked: ParkedCounts;
  slots: number;
  limits: PoolLimits;
  /** undefined: contained. */
  confinement: Confinement | undefined;
  /** No call is for it: it forks resident workers, when they are wanted. */
  isForResidents?: boolean;
}

/** Where the keeper finds its descriptors: child number is 3 + index in SpawnRequest.fds. */
export const KEEPER_FD = { channel: 3, ring: 4, cgroup: 5 } as const;

/** @param doorFd the keeper's number of the entrance that sandboxes send their doors to; undefined where they have none.
 *  @param parked how many it keeps until it is told otherwise.
 *  @param generation of the ring, which is the keeper's.
 *  @param group the pool's, whose folders are handed over from descriptor 5 on; undefined with no cgroup. */
export function keeperArgv(
  spec: PoolSpec,
  parked: number,
  generation: number,
  ringBytes: number,
  group: PoolGroup | undefined,
  doorFd: number | undefined,
): string[] {
  const argv = ['supervisor-keeper'];
  const add = (name: string, value: string | number) => argv.push(`--${name}`, String(value));
  add('channel', KEEPER_FD.channel);
  add('ring', KEEPER_FD.ring);
  add('ring-bytes', ringBytes);
  add('generation', generation);
  add('pool', spec.id);
  add('runtime', spec.runtime);
  add('slots', spec.slots);
  add('parked', parked);
  if (spec.limits.cpuTimeMaxMs > 0) add('cpu-time-max-ms', spec.limits.cpuTimeMaxMs);
  if (group === undefined) add('memory-poll-max-bytes', spec.limits.memoryMaxBytes);
  else {
    add('cgroup', KEEPER_FD.cgroup);
    for (const [index, { name }] of group.controllers.entries())
      add('controller', `${name}=${KEEPER_FD.cgroup + 1 + index}`);
    for (const { file, text } of group.limits) add('limit', `${file}=${text}`);
  }
  if (spec.confinement !== undefined) argv.push(...confinementArgv(spec.confinement));
  if (doorFd !== undefined) add('door', doorFd);
  if (spec.zygoteArgv.length > 0) argv.push('--', ...spec.zygoteArgv);
  return argv;
}

/** As options of supervisor-confine, too. */
export function confinementArgv({ level, layers, network, read, write, protect }: Confinement): string[] {
  const each = (name: string, paths: readonly string[]) => paths.flatMap((path) => [name, path]);
  return [
    ...['--level', level, '--layers', layers.join(','), '--network', typeof network === 'string' ? network : 'door'],
    ...['--tmp-max-bytes', String(LIMITS.sandboxTmpMaxBytes), '--tmp-max-files', String(LIMITS.sandboxTmpMaxFiles)],
    ...each('--read', read),
    ...each('--write', write),
    ...each('--protect', protect),
  ];
}
