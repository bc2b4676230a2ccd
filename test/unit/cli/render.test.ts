import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { renderChecks } from '../../../supervisor/cli/doctor.js';
import { renderStatus } from '../../../supervisor/cli/render/status.js';
import { fill, wrap } from '../../../supervisor/cli/render/table.js';
import { bytesText, durationText } from '../../../supervisor/cli/render/units.js';
import type { RecordingStatus } from '../../../supervisor/contract/recording.js';
import type { ValidatorStatus } from '../../../supervisor/contract/validating.js';
import { STATUS } from '../../lib/running-status.js';

const PIPE = { width: Number.POSITIVE_INFINITY, isColoured: false };

const validator = (name: string, ...workers: ValidatorStatus['workers']): ValidatorStatus => ({
  ...{ name, runtime: 'node', level: 'contained', entry: `builtin:${name}`, workers, asked: 0, fromCache: 0 },
  ...{ denied: 0, failed: 0, restarts: 0, deaths: [], breaker: 'closed', why: '' },
});

describe('status for people', () => {
  test('a wide terminal: everything, in columns', () => {
    expect(renderStatus(STATUS, { width: 200, isColoured: false })).toBe(
      `supervisor 0.1.0  running, degraded  pid 4242  up 1h 02m  cgroup none
socket /run/user/1000/hook-supervisor/call.sock
degraded  cgroup: controllers memory, pids are not available
  delegate them

POOL                     STATE    PARKED  BUSY  RESTARTS  LIMITS               ENFORCED     SERVES
exec                     ready         4     1         0  memory 2G, pids 512  session fds  any command
python-0123456789abcdef  backoff       0     0         2  none                 nothing      /usr/bin/python3 -I

 PID  POOL  KIND    STATE   GENERATION  CGROUP
4301  exec  parked  parked           3  /w/exec/slot-0

calls   7 total, 2 running, 1 waiting
paths   worker 3, exec 4, direct 0; switched 5
ended   answered 6, timedOut 1
events  9 total, deny 2, none 6, cancelled 1
parked  61M of at most 512M
ring    90 records, 12 wake-ups
library 1 connected, 0 events in flight
kept    7 records, on
`,
    );
  });

  test('programs that ask validators are told where there are any', () => {
    const line = (library: typeof STATUS.library) =>
      renderStatus({ ...STATUS, library }, PIPE)
        .split('\n')
        .find((one) => one.startsWith('library'));
    expect(line({ connections: 0, inFlight: 0 })).toBeUndefined();
    expect(line({ connections: 0, inFlight: 2 })).toBe('library 0 connected, 2 events in flight');
  });

  test('validators that live in one process are told with it', () => {
    const worker = (pid: number | null) => ({ pid, state: 'ready', tasks: 0, answered: 0, ageMs: 0 });
    const validators = [
      validator('a', worker(7)),
      validator('b', worker(8)),
      validator('c', worker(7), worker(9)),
      validator('d', worker(null)),
      validator('e', worker(null)),
    ];
    const lines = renderStatus({ ...STATUS, validators }, PIPE).split('\n');
    expect(lines.filter((line) => line.includes('one process'))).toEqual(['one process, pid 7: a, c']);
  });

  test.each([30, 40, 60, 79, 80, 100])('%i columns: no line is longer; pool, state and counts stay', (width) => {
    const lines = renderStatus(STATUS, { width, isColoured: false }).split('\n');
    const tooLong = lines.filter((line) => line.length > width && !line.startsWith('socket '));
    expect(tooLong).toEqual([]);
    if (width >= 40) expect(lines.some((line) => /^python-\S+ +backoff +0 +0/.test(line))).toBe(true);
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
  });

  test('40 columns: a long name is cut and marked, the columns after it stand in line', () => {
    const lines = renderStatus(STATUS, { width: 40, isColoured: false }).split('\n');
    expect(lines.slice(0, 2)).toEqual(['supervisor 0.1.0  running, degraded', '  pid 4242  up 1h 02m  cgroup none']);
    const at = lines.findIndex((line) => line.startsWith('POOL'));
    expect(lines.slice(at, at + 3)).toEqual([
      'POOL               STATE    PARKED  BUSY',
      'exec               ready         4     1',
      'python-012345678…  backoff       0     0',
    ]);
  });

  test('a drained pool is called so until it is being stopped', () => {
    const pools = STATUS.pools.map((pool, index) => ({
      ...pool,
      isDrained: true,
      ...(index > 0 && { state: 'stopping' as const }),
    }));
    const lines = renderStatus({ ...STATUS, pools }, { width: 200, isColoured: false }).split('\n');
    const states = lines.flatMap((line) => /^(?:exec|python-\w+) +([a-z]+) +\d/.exec(line)?.[1] ?? []);
    expect(states).toEqual(['drained', 'stopping']);
  });

  test('a pool of a configuration before has the number of its set, and drains', () => {
    const [exec] = STATUS.pools;
    if (exec === undefined) throw new Error('no pool');
    const old = { ...exec, standing: 'leaving' as const, state: 'draining' as const, isDrained: true };
    const lines = renderStatus({ ...STATUS, pools: [{ ...exec, set: 2 }, old] }, { width: 200, isColoured: false });
    expect(lines).toMatch(/\nexec +ready .*\nexec@1 +draining /);
    expect(lines).toMatch(/\n *4301 +exec +parked .*\n *4301 +exec@1 +parked /);
  });

  test('levels are shown as soon as a pool has one above contained', () => {
    const [exec, python] = STATUS.pools;
    if (exec === undefined || python === undefined) throw new Error('no pools');
    const pools = [exec, { ...python, level: 'restricted' as const, enforced: ['session', 'landlock'] }];
    const lines = renderStatus({ ...STATUS, pools }, { width: 200, isColoured: false }).split('\n');
    const at = lines.findIndex((line) => line.startsWith('POOL'));
    expect(lines[at]).toMatch(/ {2}RESTARTS {2}LEVEL +LIMITS /);
    expect(lines[at + 1]).toMatch(/ {2}contained +memory 2G/);
    expect(lines[at + 2]).toMatch(/ {2}restricted +none +session landlock /);
  });

  test('a pipe: no column is dropped, nothing is cut', () => {
    const wide = { width: Number.POSITIVE_INFINITY, isColoured: false };
    expect(renderStatus(STATUS, wide)).toBe(renderStatus(STATUS, { ...wide, width: 200 }));
  });

  test('a recording is there while there is one to speak of, with what it lacks', () => {
    expect(renderStatus(STATUS, PIPE)).not.toContain('taped');
    const recording = { ...STATUS.recording, isOn: true, file: '/r.jsonl', endsInMs: 61_000, maxBytes: 1024 };
    const shown = (given: Partial<RecordingStatus>) =>
      renderStatus({ ...STATUS, recording: { ...recording, ...given } }, PIPE)
        .split('\n')
        .at(-2);
    expect(shown({})).toBe('taped   on, 1m 01s left; 0 calls, 0B of at most 1K in /r.jsonl');
    expect(shown({ ended: 'failed', reason: 'ENOSPC', written: 1, dropped: 2, unseen: 3 })).toBe(
      'taped   ended: ENOSPC; 1 call, 2 dropped, 3 not seen, 0B of at most 1K in /r.jsonl',
    );
  });

  test('a profile is shown where somebody has chosen it, with what adaptive has come to', () => {
    const shown = (profile: Partial<typeof STATUS.profile>) =>
      renderStatus({ ...STATUS, profile: { ...STATUS.profile, ...profile } }, { width: 200, isColoured: false });
    expect(shown({})).not.toContain('profile');
    expect(shown({ chosen: 'latency', chosenBy: 'the file' })).toContain('\nprofile latency (the file), for 1h 02m\n');
    expect(shown({ chosen: 'adaptive', chosenBy: 'the file', why: 'much waits' })).toContain(
      'profile adaptive (the file), now balanced: much waits, for',
    );
  });

  test('colour adds nothing but colour', () => {
    const plain = renderStatus(STATUS, { width: 90, isColoured: false });
    const coloured = renderStatus(STATUS, { width: 90, isColoured: true });
    expect(coloured).not.toBe(plain);
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });
});

test('doctor: verdict, finding and remedy, wrapped and indented', () => {
  const checks = [
    { name: 'node', verdict: 'OK' as const, what: '20.20.2', remedy: '' },
    { name: 'daemon', verdict: 'FAIL' as const, what: 'it does not answer at all', remedy: 'supervisor down' },
  ];
  expect(renderChecks(checks, { width: 30, isColoured: false })).toBe(
    'OK    node: 20.20.2\nFAIL  daemon: it does not\n      answer at all\n      do: supervisor down\n',
  );
});

test('wrap: a word longer than the line stands alone and whole', () => {
  expect(wrap('a /very/long/path b', 6, '  ')).toEqual(['a', '  /very/long/path', '  b']);
});

test('fill: breaks between parts, never inside one', () => {
  expect(fill(['pid 1', 'up 2s', 'x'], '  ', 11, '  ')).toEqual(['pid 1', '  up 2s  x']);
});

test('durations and sizes', () => {
  expect([0, 59_999, 60_000, 3_599_000, 3_600_000, 86_400_000, 273_600_000].map(durationText)).toEqual([
    '0s',
    '59s',
    '1m 00s',
    '59m 59s',
    '1h 00m',
    '1d 00h',
    '3d 04h',
  ]);
  expect([0, 1023, 1536, 64 * 1024 ** 2, 2 * 1024 ** 3].map(bytesText)).toEqual(['0B', '1023B', '1.5K', '64M', '2G']);
});
