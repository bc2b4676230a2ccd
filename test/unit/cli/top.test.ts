import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { type MeasuredRow, processRows } from '../../../supervisor/cli/processes.js';
import { renderTop } from '../../../supervisor/cli/render/top.js';
import { openTerminal } from '../../../supervisor/cli/terminal.js';
import { sorted, sortOfKey, withShares } from '../../../supervisor/cli/top-rows.js';
import { STATUS } from '../../lib/running-status.js';

function row(name: string, pid: number, cpuMs: number, memoryBytes = 0, ageMs = 0): MeasuredRow {
  const usage = { cpuMs, memoryBytes, ageMs };
  return { name, pool: 'exec', pid, kind: 'parked', state: 'busy', cgroupPath: null, usage };
}

describe('rows', () => {
  test('one for the daemon, each keeper and each worker, by the names that commands take', () => {
    expect(processRows(STATUS).map(({ name, pid }) => [name, pid])).toEqual([
      ['daemon', 4242],
      ['exec/keeper', 4300],
      ['exec/0', 4301],
    ]);
  });

  test('two pools of one name: each with its own keeper, and the one that goes by its set', () => {
    const [exec] = STATUS.pools;
    if (exec === undefined) throw new Error('no pool');
    const old = { ...exec, set: 1, standing: 'leaving' as const, state: 'draining' as const, keeperPid: 4200 };
    const rows = processRows({ ...STATUS, pools: [{ ...exec, set: 2 }, old] });
    expect(rows.map(({ name, pid, state }) => [name, pid, state])).toEqual([
      ['daemon', 4242, 'running'],
      ['exec/keeper', 4300, 'ready'],
      ['exec/0', 4301, 'parked'],
      ['exec@1/keeper', 4200, 'draining'],
      ['exec@1/0', 4301, 'parked'],
    ]);
  });

  test('CPU is that between the looks; of a process that is new, or another with its number, nothing is known', () => {
    const before = { atMs: 1000, rows: [row('exec/0', 1, 100), row('exec/1', 2, 500)] };
    const now = { atMs: 3000, rows: [row('exec/0', 1, 600), row('exec/1', 2, 10), row('exec/2', 3, 900)] };
    expect(withShares(before, now).map(({ cpuPercent }) => cpuPercent)).toEqual([25, null, null]);
  });

  test('each key orders by its column, the largest first; reversed the other way round', () => {
    const now = {
      atMs: 1000,
      rows: [row('exec/10', 5, 100, 7, 1), row('exec/9', 6, 300, 5, 3), row('exec/1', 4, 200, 6, 2)],
    };
    const rows = withShares(
      { atMs: 0, rows: now.rows.map((one) => ({ ...one, usage: { cpuMs: 0, memoryBytes: 0, ageMs: 0 } })) },
      now,
    );
    const by = (key: string) => sorted(rows, sortOfKey(key) ?? 'cpu', false).map(({ name }) => name.slice(5));
    expect(Object.fromEntries(['c', 'm', 'a', 'n', 'p'].map((key) => [key, by(key)]))).toEqual({
      c: ['9', '1', '10'],
      m: ['10', '1', '9'],
      a: ['9', '1', '10'],
      n: ['1', '9', '10'],
      p: ['1', '10', '9'],
    });
    expect(sorted(rows, 'memory', true).map(({ pid }) => pid)).toEqual([6, 4, 5]);
    expect([sortOfKey('x'), sortOfKey('constructor')]).toEqual([undefined, undefined]);
  });
});

test.each([40, 60, 100])('%i columns: the frame fits, with pid, CPU, memory and name', (width) => {
  const rows = withShares(
    { atMs: 0, rows: [] },
    { atMs: 1, rows: [row('python-0123456789abcdef/zygote', 7, 1, 5 * 1024 ** 2)] },
  );
  const lines = renderTop(STATUS, rows, 'cpu', { width, isColoured: false }, true).split('\n');
  expect(lines.filter((line) => line.length > width)).toEqual([]);
  const header = lines.find((line) => line.includes('PID')) ?? '';
  for (const title of ['PID', 'CPU%', 'MEMORY', 'NAME']) expect(header).toContain(title);
  expect(lines.join('\n')).toContain('5M');
});

test('keys are named only where somebody can press them', () => {
  const lines = (hasKeys: boolean) =>
    renderTop(STATUS, [], 'age', { width: 200, isColoured: false }, hasKeys).split('\n');
  expect(lines(true)).toContainEqual(expect.stringMatching(/^sorted by age; keys: c cpu/));
  expect(lines(false)).toContain('sorted by age');
});

describe('the terminal', () => {
  function setUp(isTTY = true) {
    const seen = { written: '', raw: [] as boolean[], keys: '', interrupts: 0, exits: [] as number[] };
    let type: (bytes: Buffer) => void = () => {};
    const process = Object.assign(new EventEmitter(), { exit: (code: number) => void seen.exits.push(code) });
    const input = {
      isTTY,
      setRawMode: (isRaw: boolean) => seen.raw.push(isRaw),
      on(_event: 'data', listener: (bytes: Buffer) => void) {
        type = listener;
      },
      resume() {},
      pause() {},
    };
    const write = (text: string) => {
      seen.written += text;
    };
    const onKey = (key: string) => {
      seen.keys += key;
    };
    const terminal = openTerminal({ input, write, process }, onKey, () => void seen.interrupts++);
    return { seen, process, terminal, type: (text: string) => type(Buffer.from(text)) };
  }
  const LEFT = '\x1b[?25h\x1b[?1049l';

  test.each(['restore', 'exit', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])(
    '%s: cursor, screen and lines are given back, once',
    (how) => {
      const { seen, process, terminal } = setUp();
      if (how === 'restore') terminal.restore();
      else process.emit(how);
      process.emit('exit');
      expect(seen.written.split(LEFT)).toHaveLength(2);
      expect(seen.raw).toEqual([true, false]);
      expect(seen.exits).toEqual({ SIGTERM: [143], SIGHUP: [129], SIGQUIT: [131] }[how] ?? []);
    },
  );

  test('keys come one by one; Ctrl-C interrupts', () => {
    const { seen, type } = setUp();
    type('mq\x03');
    expect([seen.keys, seen.interrupts]).toEqual(['mq', 1]);
  });

  test('keys that come from a pipe are not asked for', () => {
    const { seen, terminal } = setUp(false);
    terminal.restore();
    expect(seen.raw).toEqual([]);
  });
});
