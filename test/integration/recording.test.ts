/** Calls of a real daemon that are kept, sent again and compared. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LevelTrial } from '../../supervisor/cli/trial/try-level.js';
import type { RecordedCall, RecordingStatus } from '../../supervisor/contract/recording.js';
import { ExitCode } from '../../supervisor/contract/status.js';
import { HOOK_CLIENT, SUPERVISOR, TestDaemon, TestHome } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { onlyAt } from '../lib/only-at.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';

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

describe('replay', () => {
  const replay = async (file: string, ...args: string[]) => {
    const { code, stdout, stderr } = await daemon.home.supervisorLater(['replay', file, '--json', ...args]);
    return { code, stderr, report: stdout === '' ? undefined : JSON.parse(stdout) };
  };

  test('hooks that answer as they did: 0, by the daemon and directly; each is run once, where and as it was', async () => {
    const ran = join(daemon.home.root, 'ran');
    const { file } = await recorded(async () => {
      await runHook(daemon.home, ['sh', '-c', `echo >> ${ran}; cat; echo e >&2; exit 3`], { stdin: 'in' });
      await runHook(daemon.home, ['sh', '-c', 'kill -9 $$']);
      const text = ['sh', '--', 'echo "$CLAUDE_PROJECT_DIR"; pwd; echo late >&2'];
      daemon.home.execute('sh', ['-c', '"$@" 2>&1', 'sh', HOOK_CLIENT, ...text], { CLAUDE_PROJECT_DIR: '/tmp' });
    });
    for (const [against, path] of [
      ['supervised', 'exec'],
      ['direct', 'direct'],
    ] as const) {
      rmSync(ran, { force: true });
      const { code, stderr, report } = await replay(file, '--yes', '--against', against, '--jobs', '2');
      expect(report, stderr).toMatchObject({ calls: 3, sent: 3, same: 3, byPath: { [path]: 3 }, different: [] });
      expect(report.now.p50Ms).toBeGreaterThan(0);
      expect([code, stderr, readFileSync(ran, 'utf8')]).toEqual([0, '', '\n']);
    }
  });

  test('what differs is 1, with the answers; what cannot be sent is left, with its reason', async () => {
    const answer = join(daemon.home.root, 'answer');
    writeFileSync(answer, 'yes\n');
    const { file } = await recorded(async () => {
      await runHook(daemon.home, ['cat', answer]);
      await runHook(daemon.home, ['sleep', '30'], { options: ['--timeout', '100ms'] });
      await runHook(daemon.home, ['echo', `ghp_${'aB3'.repeat(12)}`]);
    });
    writeFileSync(answer, 'no\n');
    const { code, report } = await replay(file, '--yes');
    expect(code).toBe(1);
    expect(report).toMatchObject({ calls: 3, sent: 1, same: 0 });
    expect(Object.values(report.left)).toEqual([1, 1]);
    expect(report.different).toMatchObject([
      { call: 1, differences: [{ what: 'stdout', recorded: 'line 1: yes', now: 'line 1: no' }] },
    ]);
  });

  test('nothing is run without a yes: 64; Ctrl-C ends what runs, and the rest is not sent', async () => {
    const ran = join(daemon.home.root, 'ran-again');
    const { file } = await recorded(async () => {
      for (let n = 0; n < 2; n++)
        await runHook(daemon.home, ['sh', '-c', `[ -e ${ran} ] && sleep 60; echo >> ${ran}; rm ${ran}`]);
    });
    const asked = daemon.home.supervisor(['replay', file]);
    expect([asked.status, asked.stdout]).toEqual([64, '']);
    expect(asked.stderr).toContain('--yes');
    writeFileSync(ran, '');
    const child = spawn(SUPERVISOR, ['replay', file, '--json', '--yes'], { env: daemon.home.env });
    let stdout = '';
    child.stdout.on('data', (bytes) => {
      stdout += bytes;
    });
    const busy = async () => (await daemon.status()).calls.active;
    await waitFor('the hook to run', async () => ((await busy()) === 1 ? true : undefined));
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ sent: 0, isInterrupted: true });
    await waitFor('the hook to end', async () => ((await busy()) === 0 ? true : undefined));
  });

  test('without a daemon the supervised way is 3, since all would run directly', async () => {
    const { file, text } = await recorded(() => runHook(daemon.home, ['true']));
    const elsewhere = new TestHome();
    const copy = join(elsewhere.root, 'r.jsonl');
    writeFileSync(copy, text);
    expect(elsewhere.supervisor(['replay', copy, '--yes']).status).toBe(ExitCode.NOT_RUNNING);
    expect(elsewhere.supervisor(['replay', copy, '--yes', '--against', 'direct']).status).toBe(ExitCode.OK);
    for (const wrong of [[join(elsewhere.root, 'none')], [file, '--against', 'direct', '--level', 'restricted']]) {
      expect(elsewhere.supervisor(['replay', '--yes', ...wrong]).status).toBe(ExitCode.USAGE);
    }
    elsewhere.remove();
  });
});

describe('test', () => {
  /** Not in the daemon's folder: that holds the home, and lies in /tmp, which a sandbox has of its own. */
  const outside = mkdtempSync('/var/tmp/hook-supervisor-test-');
  const project = join(outside, 'project');
  const event = join(outside, 'event.json');
  mkdirSync(join(project, '.git'), { recursive: true });
  writeFileSync(event, '{"tool_name":"Bash"}');
  afterAll(() => rmSync(outside, { recursive: true }));

  const testIn = (folder: string, hook: string, ...args: string[]) => {
    const words = ['-C', folder, SUPERVISOR, 'test', hook, event, '--json', ...args];
    const { status, stdout, stderr } = daemon.home.execute('env', words);
    const levels: LevelTrial[] = stdout === '' ? [] : JSON.parse(stdout).levels;
    return { status, stderr, levels };
  };

  test('one hook at each level: the answer, its figures and what it was denied', onlyAt('untrusted'), () => {
    const { status, stderr, levels } = testIn(project, `cat; touch ${outside}/x`);
    expect([status, stderr]).toEqual([0, '']);
    expect(levels).toMatchObject([
      { asked: 'contained', ran: true, exitCode: 0, stdout: '{"tool_name":"Bash"}', stderr: '', denied: [] },
      ...(['restricted', 'untrusted'] as const).map((level) => ({
        ...{ asked: level, level, ran: true, exitCode: 1, stdout: '{"tool_name":"Bash"}' },
        ...{ enforced: expect.arrayContaining(['seccomp']), denied: [expect.stringContaining(`${outside}/x`)] },
      })),
    ]);
    for (const level of levels) {
      expect(level).toMatchObject({ usage: { memoryPeakBytes: expect.any(Number) }, milliseconds: expect.any(Number) });
    }
    expect(existsSync(join(outside, 'x'))).toBe(true);
  });

  test('what a hook says without a sandbox, too, is no denial', onlyAt('restricted'), () => {
    const { levels } = testIn(project, 'cat /nowhere/at/all');
    expect(levels[1]).toMatchObject({ asked: 'restricted', ran: true, exitCode: 1, denied: [] });
    const [alone] = testIn(project, 'cat /nowhere/at/all', '--level', 'restricted').levels;
    expect(alone).toMatchObject({ denied: [expect.stringContaining('/nowhere')] });
  });

  test('a level that cannot be had is told with its reason: 0 if another could, 69 if none', () => {
    const { status, levels } = testIn(daemon.home.root, 'exit 4');
    expect([status, levels[0]]).toEqual([0, expect.objectContaining({ asked: 'contained', ran: true, exitCode: 4 })]);
    expect(levels.slice(1)).toMatchObject([
      { asked: 'restricted', ran: false, why: expect.stringContaining('level restricted') },
      { asked: 'untrusted', ran: false, why: expect.stringContaining('level untrusted') },
    ]);
    expect(testIn(daemon.home.root, 'exit 4', '--level', 'untrusted').status).toBe(ExitCode.UNAVAILABLE);
  });

  test('an event from stdin; one that is not there: 64; without a daemon: 3', () => {
    const piped = daemon.home.execute('sh', ['-c', `echo '[7]' | ${SUPERVISOR} test cat - --level contained`]);
    expect([piped.status, piped.stderr]).toEqual([0, '']);
    expect(piped.stdout).toContain('stdout: [7]');
    expect(daemon.home.supervisor(['test', 'cat', join(outside, 'none')]).status).toBe(ExitCode.USAGE);
    const home = new TestHome();
    expect(home.supervisor(['test', 'cat', event]).status).toBe(ExitCode.NOT_RUNNING);
    home.remove();
  });
});
