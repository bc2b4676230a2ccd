import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../supervisor/contract/clock.js';
import { startSuccessor } from '../../../supervisor/wiring/successor.js';
import { identify } from '../../lib/processes.js';

const [, program = ''] = process.argv;
let folder: string;
let pid: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hook-supervisor-successor-'));
  process.argv[1] = join(folder, 'program.cjs');
});
afterEach(() => {
  process.argv[1] = program;
  rmSync(folder, { recursive: true });
});

function start(program: string, readyTimeoutMs = 10_000) {
  writeFileSync(join(folder, 'program.cjs'), program);
  const request = { argv: [], variables: {}, callFd: 0, controlFd: 0, httpFd: -1, clock: systemClock, readyTimeoutMs };
  return startSuccessor(request, (spawned) => {
    pid = spawned;
  });
}

it('a word of failure: that is why, and it has ended by the time it is told', async () => {
  expect(await start('process.send({ failed: "bad file" }); setInterval(() => {}, 1000)')).toEqual({
    ok: false,
    why: 'bad file',
  });
  expect(identify(pid)).toBeUndefined();
});

it('an end without a word: with what', async () => {
  expect(await start('process.exit(3)')).toEqual({ ok: false, why: 'it ended with 3' });
});

it('no word in time: it has ended by the time that is told', async () => {
  expect(await start('setInterval(() => {}, 1000)', 500)).toEqual({
    ok: false,
    why: 'it was not ready within 0.5 s',
  });
  expect(identify(pid)).toBeUndefined();
});
