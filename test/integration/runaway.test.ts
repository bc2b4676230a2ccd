/** Hooks that do not end by themselves: deadline, cancellation, a client that vanishes, too much output. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestDaemon } from '../lib/daemon.js';
import { counted, Hook, starts } from '../lib/hook.js';
import { identify, isAlive } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';

const OUTPUT_MAX_BYTES = 64 * 1024;
const CANCEL_GRACE_MS = 1_000; // the default
const SLACK_MS = 1_500; // a loaded machine

let daemon: TestDaemon;
let file: string;
beforeEach(() => {
  daemon = TestDaemon.start({ SUPERVISOR_OUTPUT_MAX_BYTES: String(OUTPUT_MAX_BYTES) });
  file = join(daemon.home.root, 'starts');
});
afterEach(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

async function running(count: number) {
  const pids = await waitFor('its start', () => (starts(file).length === count ? starts(file) : undefined));
  return pids.flatMap((pid) => identify(pid) ?? []);
}

const allGone = (processes: Awaited<ReturnType<typeof running>>, timeoutMs: number) =>
  waitFor('the end of the hook', () => (processes.some(isAlive) ? undefined : true), timeoutMs);

/** Deaf to TERM, and so is a child in a session of its own. */
const STUBBORN = 'trap "" TERM; setsid sleep 60 & echo $! >> "$1"; sleep 60; sleep 60';

it('--timeout: stopped with all it started, exit 1, and says so', async () => {
  const startedAtMs = performance.now();
  const hook = new Hook(daemon.home, counted(file, STUBBORN), { options: ['--timeout', '700ms'] });
  const processes = await running(2);
  const end = await hook.end;
  expect(end).toMatchObject({ code: 1, stdout: '', explained: { outcome: 'timedOut' } });
  expect(end.stderr).toMatch(/^hook-supervisor: hook stopped: no end within \d+ ms\n$/);
  expect(performance.now() - startedAtMs).toBeGreaterThan(700);
  await allGone(processes, SLACK_MS);
});

it('--timeout with --on-unavailable=block: exit 2', async () => {
  const options = ['--timeout', '200ms', '--on-unavailable', 'block'];
  const end = await new Hook(daemon.home, ['sleep', '60'], { options }).end;
  expect(end).toMatchObject({ code: 2, stdout: '', explained: { outcome: 'timedOut' } });
});

it('client killed: its hook gets TERM, and is gone within the grace, deaf or not', async () => {
  const hook = new Hook(daemon.home, counted(file, STUBBORN));
  const processes = await running(2);
  hook.process.kill('SIGKILL');
  expect(await hook.end).toMatchObject({ signal: 'SIGKILL' });
  await allGone(processes, CANCEL_GRACE_MS + SLACK_MS);
  await waitFor('its account', async () =>
    (await daemon.status()).calls.byOutcome.cancelled === 1 ? true : undefined,
  );
});

for (const [signal, number] of [
  ['SIGTERM', 15],
  ['SIGINT', 2],
  ['SIGHUP', 1],
] as const) {
  it(`${signal} to the client: the hook gets it, the client dies of it`, async () => {
    const said = join(daemon.home.root, 'said');
    const polite = `trap 'echo got ${number} > "${said}"; exit 0' ${number}; sleep 60 & wait`;
    const hook = new Hook(daemon.home, counted(file, polite));
    const processes = await running(1);
    hook.process.kill(signal);
    expect(await hook.end).toMatchObject({ code: null, signal, stdout: '', stderr: '' });
    await allGone(processes, SLACK_MS);
    expect(readFileSync(said, 'utf8')).toBe(`got ${number}\n`);
  });
}

it('too much output: stopped, exit 1, the neighbour answers', async () => {
  const neighbour = new Hook(daemon.home, ['cat'], { stdin: null });
  const hook = new Hook(
    daemon.home,
    counted(file, 'trap "" PIPE TERM; while :; do echo 0123456789abcdef; done 2>/dev/null'),
  );
  const end = await hook.end;
  expect(end).toMatchObject({ code: 1, explained: { outcome: 'limitHit' } });
  expect(end.stderr).toBe(`hook-supervisor: hook stopped: output limit of ${OUTPUT_MAX_BYTES} reached\n`);
  expect(end.stdout.length).toBeLessThanOrEqual(OUTPUT_MAX_BYTES);
  await allGone(await running(1), SLACK_MS);
  neighbour.process.stdin.end('still here');
  expect(await neighbour.end).toMatchObject({ code: 0, stdout: 'still here' });
});

it('output at its limit to the byte: answered', async () => {
  const end = await new Hook(daemon.home, ['head', '-c', String(OUTPUT_MAX_BYTES), '/dev/zero']).end;
  expect(end).toMatchObject({ code: 0, stderr: '', explained: { outcome: 'answered' } });
  expect(end.stdout.length).toBe(OUTPUT_MAX_BYTES);
});
