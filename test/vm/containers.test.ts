/** The product in containers such as Docker makes, which like_docker.py says: without options, as the image starts there, and
 *  with a writable cgroup, started as root by the image's entrypoint. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Explanation } from '../../supervisor/contract/outcome.js';
import type { RunningStatus } from '../../supervisor/contract/status.js';
import { inGuest } from './in-guest.js';

const MEMORY_MAX_BYTES = 96 * 1024 * 1024; // as collect.py sets them
const PIDS_MAX = 40;
const USER_ID = 61234; // as containers.py makes it
const GROUP = '/hook-supervisor';

interface Answer {
  exitCode: number;
  stdout: string;
  explained: Explanation;
}

interface Facts {
  before: string;
  daemonGroup: string;
  status: RunningStatus;
  parked: { pid: number; group: string; files: Record<string, string> }[];
  where: Answer;
  warm: Answer;
  hungry: Answer;
  many: Answer;
  groupsLeft: string[];
  exit: number;
}

interface Found {
  checks: { name: string; verdict: string; what: string; remedy: string }[];
  isolation: { class: string; above: { class: string; lacking: string[] } };
}

type Told = Record<string, { exitCode: number; stdout: string; stderr: string }>;

const guest = inGuest('guest/containers.py', 400); // 37 on a quiet machine without KVM
let told: Told = {};

beforeAll(async () => {
  told = JSON.parse((await guest.boot()) ?? '{}') as Told;
}, guest.timeoutMs);

beforeEach(guest.skipWithout);

function outputOf<Output extends Facts | Found>(container: string): { output: Output; said: string } {
  const { exitCode, stdout, stderr } = told[container] ?? { exitCode: -1, stdout: '', stderr: 'nothing told' };
  expect(exitCode, stderr).toBe(0);
  return { output: JSON.parse(stdout) as Output, said: stderr };
}

function cgroupCheck(container: string) {
  const { output } = outputOf<Found>(container);
  return { ...output.checks.find(({ name }) => name === 'cgroup'), isolation: output.isolation };
}

describe('no options', () => {
  it('the entrypoint says in one line what is reduced, and starts the command', () => {
    const { said, output } = outputOf<Facts>('plain');
    expect(said).toMatch(/^hook-supervisor: no cgroup of its own \(.*\): no process limit, memory by polling only\n$/);
    expect(output.exit).toBe(0);
  });

  it('status: driver none, with the reason and the option of docker run, and no group is claimed', () => {
    const { status, where } = outputOf<Facts>('plain').output;
    expect(status).toMatchObject({ driver: 'none', uid: USER_ID });
    expect(status.degraded).toEqual([
      {
        layer: 'cgroup',
        reason: expect.stringContaining('mounted read-only'),
        remedy: expect.stringContaining('--security-opt writable-cgroups=true'),
      },
    ]);
    for (const layers of [status.pools[0]?.enforced, where.explained.enforced])
      expect(layers?.filter((layer) => layer.startsWith('cgroup'))).toEqual([]);
  });

  it('doctor: making a group is refused as read-only, with the options; class D, for C it lacks a cgroup', () => {
    expect(cgroupCheck('doctorPlain')).toMatchObject({
      verdict: 'WARN',
      what: expect.stringContaining('"make a group" is refused (EROFS)'),
      remedy: expect.stringContaining('docker run --user 0:0 --security-opt writable-cgroups=true'),
      isolation: { class: 'D', above: { class: 'C', lacking: ['cgroup'] } },
    });
  });
});

describe('writable-cgroups=true, started as root', () => {
  it('the daemon is the user, in a group that was handed over to it', () => {
    const { output, said } = outputOf<Facts>('limited');
    expect(said).toBe('');
    expect(output).toMatchObject({ before: GROUP, daemonGroup: `0::${GROUP}/sup`, status: { uid: USER_ID } });
  });

  it('status: driver v2, nothing degraded, every parked process alone in a leaf with its limits', () => {
    const { status, parked } = outputOf<Facts>('limited').output;
    expect(status).toMatchObject({ driver: 'v2', degraded: [] });
    expect(parked).toHaveLength(8);
    for (const { pid, group, files } of parked) {
      expect(group.startsWith(`${GROUP}/w/`), group).toBe(true);
      expect(files).toMatchObject({
        'memory.max': String(MEMORY_MAX_BYTES),
        'pids.max': String(PIDS_MAX),
        'cgroup.procs': String(pid),
      });
    }
  });

  it('the limits bite, without clone3: memory, processes', () => {
    const { hungry, many } = outputOf<Facts>('limited').output;
    expect(hungry).toMatchObject({ exitCode: 1, explained: { outcome: 'limitHit' } });
    expect(hungry.explained.usage?.oomKills).toBeGreaterThan(0);
    expect(many).toMatchObject({ exitCode: 0, stdout: `${PIDS_MAX - 1} 11\n` });
  });

  it('warm interpreters answer from leaves of their own', () => {
    const { warm } = outputOf<Facts>('limited').output;
    expect(warm.explained.path).toBe('worker');
    expect(warm.stdout).toMatch(new RegExp(`^${warm.explained.pid} 0::${GROUP}/w/[^/]+/python-[^/]+/slot-\\d+\n`));
  });

  it('after the end none of the groups that the daemon had is left', () => {
    expect(outputOf<Facts>('limited').output).toMatchObject({ exit: 0, status: { driver: 'v2' }, groupsLeft: [] });
  });

  it('doctor: a group could be made, entered and killed; class C, since there are no namespaces', () => {
    const { isolation, verdict } = cgroupCheck('doctorLimited');
    expect(verdict).toBe('OK');
    expect(isolation.class).toBe('C');
    expect(isolation.above.class).toBe('B');
    expect(isolation.above.lacking).toContain('mountNamespace');
  });
});

it('writable, but not handed over: doctor names the step of root that is missing', () => {
  expect(cgroupCheck('doctorForgotten')).toMatchObject({
    verdict: 'WARN',
    what: expect.stringContaining('(EACCES)'),
    remedy: expect.stringContaining('as root run docker/delegate.sh USER'),
  });
});

it('writable, with the calls that seccomp.mjs adds: class B, which has all namespaces', () => {
  expect(cgroupCheck('doctorNamespaces')).toMatchObject({
    verdict: 'OK',
    isolation: { class: 'B', above: { class: 'A', lacking: ['otherUid'] } },
  });
});
