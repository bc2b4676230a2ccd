/** A configuration that cannot be: every problem at once, each with its place and a remedy, and nothing is started. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ExitCode } from '../../supervisor/contract/status.js';
import { TestHome } from '../lib/daemon.js';

let home: TestHome;
let file: string;
beforeEach(() => {
  home = new TestHome();
  file = join(home.env.XDG_CONFIG_HOME, 'hook-supervisor/config.json');
  mkdirSync(dirname(file), { recursive: true });
});
afterEach(() => home.remove());

function refused(env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = home.supervisor(['up', '-d'], env);
  expect(status, `${stdout}${stderr}`).toBe(ExitCode.BAD_CONFIG);
  expect(existsSync(home.runtimeFolder)).toBe(false);
  return stderr;
}

it('unknown keys, wrong types, values out of range, and a bad variable: all named, unknown keys with what was meant', () => {
  const settings = {
    logLevl: 'info',
    timeoutMs: 'soon',
    parked: { exec: -1, pythn: 3 },
    limits: { memoryMaxBytes: 5, cpuMax: 'half' },
    pythonWarm: 'yes',
  };
  writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
  const told = refused({ SUPERVISOR_PIDS_MAX: 'many' });
  const problems = told.split('\n').filter((line) => line.startsWith('supervisor: '));
  for (const place of [
    'logLevl',
    'timeoutMs',
    'parked.exec',
    'parked.pythn',
    'limits.memoryMaxBytes',
    'limits.cpuMax',
    'pythonWarm',
  ]) {
    expect(
      problems.filter((line) => line.includes(place) && line.includes(file)),
      place,
    ).toHaveLength(1);
  }
  expect(problems.filter((line) => line.includes('SUPERVISOR_PIDS_MAX'))).toHaveLength(1);
  expect(told).toContain('logLevel');
  expect(told).toContain('did you mean "python"?');
});

it('values that do not fit together: both places named', () => {
  writeFileSync(file, JSON.stringify({ parked: { exec: 9 }, cgroup: 'none', cgroupPath: '/sys/fs/cgroup/x' }), {
    mode: 0o600,
  });
  const told = refused({ SUPERVISOR_SLOTS_PER_POOL: '8' });
  expect(told).toMatch(/parked\.exec.*SUPERVISOR_SLOTS_PER_POOL/);
  expect(told).toMatch(/cgroupPath/);
});

it.each([
  ['no JSON', '{"logLevel": ', 0o600],
  ['no object', '[]', 0o600],
  ['writable by others', '{}', 0o666],
])('%s: refused, naming the file', (_name, text, mode) => {
  writeFileSync(file, text);
  // The mode of a new file is cut by the umask.
  home.execute('/bin/chmod', [mode.toString(8), file]);
  expect(refused()).toContain(file);
});
