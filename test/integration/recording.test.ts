/** Calls of a real daemon that are kept, sent again and compared. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RecordedCall, RecordingStatus } from '../../supervisor/contract/recording.js';
import { TestDaemon } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { findPython } from '../lib/python.js';

let daemon: TestDaemon;
beforeAll(() => {
  daemon = TestDaemon.start();
});
afterAll(async () => expect(await daemon.stop(), 'left behind').toEqual([]));

const record = (...args: string[]): RecordingStatus => {
  const { status, stdout, stderr } = daemon.home.supervisor(['record', ...args, '--json']);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
};
const switched = async () => (await daemon.status()).calls.switched;

/** What `act` has done, as it was kept. */
async function recorded(act: () => Promise<unknown>): Promise<{ file: string; calls: RecordedCall[]; text: string }> {
  const { file } = record('on', '--for', '1m');
  await act();
  record('off');
  const text = readFileSync(file, 'utf8');
  const [head, ...calls] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(head).toMatchObject({ schema: 'supervisor.recording/v1' });
  return { file, calls, text };
}

describe('record', () => {
  test('off by default; on keeps each call with what it was given and answered, also of warm interpreters', async () => {
    expect(record()).toMatchObject({ isOn: false, file: '' });
    const script = join(daemon.home.root, 'guard.py');
    writeFileSync(script, 'import sys; print(sys.stdin.read()[::-1]); print("e", file=sys.stderr); sys.exit(2)');
    const { calls } = await recorded(async () => {
      for (let n = 0; n < 4; n++) {
        const { code, stdout } = await runHook(daemon.home, [findPython().executable, script], { stdin: `in${n}` });
        expect([code, stdout]).toEqual([2, `${n}ni\n`]);
      }
    });
    expect(calls).toHaveLength(4);
    for (const [n, call] of calls.entries()) {
      expect(call).toMatchObject({
        ...{ argv: [findPython().executable, script], cwd: daemon.home.root, outcome: 'answered', exitCode: 2 },
        ...{ stdin: { content: `in${n}` }, stdout: { content: `${n}ni\n` }, stderr: { content: 'e\n' } },
      });
    }
  });

  test('the switchboard answers nothing meanwhile, and learns again afterwards', async () => {
    const call = () => runHook(daemon.home, ['/bin/sh', '-c', 'exit 4'], { explain: false });
    for (let n = 0; n < 3; n++) await call();
    const before = await switched();
    expect(before).toBeGreaterThan(0);
    const { calls } = await recorded(async () => {
      for (let n = 0; n < 3; n++) expect((await call()).code).toBe(4);
      expect(await switched()).toBe(before);
    });
    expect(calls.map(({ exitCode }) => exitCode)).toEqual([4, 4, 4]);
    for (let n = 0; n < 3; n++) await call();
    expect(await switched()).toBeGreaterThan(before);
  });

  test('megabytes pass as they are, of which the beginning is kept; secrets and the environment are not', async () => {
    const stdin = 'x'.repeat(3 << 20);
    const token = `ghp_${'aB3'.repeat(12)}`;
    const through = ['env', 'KEY=env-secret'];
    const { calls, text } = await recorded(async () => {
      const { code, stdout } = await runHook(daemon.home, ['cat'], { stdin });
      expect([code, stdout === stdin]).toEqual([0, true]);
      const argv = ['sh', '-c', 'cat; echo "$KEY" >&2'];
      const { stdout: echoed, stderr } = await runHook(daemon.home, argv, { stdin: token, through });
      expect([echoed, stderr]).toEqual([token, 'env-secret\n']);
    });
    expect(calls[0]?.stdin).toMatchObject({ bytes: stdin.length, isCut: true });
    expect(calls[0]?.stdout).toMatchObject({ bytes: stdin.length, isCut: true });
    expect(calls[1]).toMatchObject({ envNames: ['KEY'], stdin: { content: '[masked github]', masked: 1 } });
    expect(text).not.toContain(token);
    // What a hook prints of it is its answer, not its environment.
    expect(text.split('env-secret')).toHaveLength(2);
  });

  test('status and events tell of it; a second one is refused', async () => {
    const { file } = record('on', '--max-bytes', '64K');
    const { status, stderr } = daemon.home.supervisor(['record', 'on']);
    expect([status, stderr]).toEqual([75, expect.stringContaining('a recording is on')]);
    expect((await daemon.status()).recording).toMatchObject({ isOn: true, file, maxBytes: 65_536 });
    await runHook(daemon.home, ['head', '-c', '100000', '/dev/zero']);
    await expect
      .poll(async () => (await daemon.status()).recording)
      .toMatchObject({ isOn: false, ended: 'size', dropped: 1 });
    expect(daemon.home.supervisor(['events']).stdout).toMatch(/recordingEnded .*\(ended size, written 0, dropped 1/s);
  });
});
