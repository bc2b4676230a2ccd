import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { callDaemon, inFolder, type Step } from '../fixtures/client.js';

const MIB = 1024 * 1024;
const READER_GONE = 5;
const STDOUT = 1;
const STDOUT_GONE = 32;
const STDERR_GONE = 64;
const CALL: Step[] = [['call'], ['started']];

function someBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);
}

test('output is forwarded as it comes, to the right streams', async () => {
  const steps: Step[] = [
    ...CALL,
    ['stdout', 'first\n'],
    ['stderr', 'oops\n'],
    ['cancel'],
    ['stdout', 'last'],
    ['end', 7],
  ];
  const result = await callDaemon(steps, {}, async (client) => {
    await new Promise<void>((done) => client.stdout.once('data', () => done()));
    client.kill('SIGTERM'); // only now does the daemon go on
  });
  expect(result).toMatchObject({ stdout: 'first\nlast', stderr: 'oops\n', code: 7 });
});

test.each([0, 1, 2, 42, 255])('the hook exits with %i -> so does the client', async (code) => {
  expect(await callDaemon([...CALL, ['end', code]])).toMatchObject({ code, signal: null, stdout: '', stderr: '' });
});

test.each([
  ['SIGKILL', 9],
  ['SIGSEGV', 11],
  ['SIGPIPE', 13],
  ['SIGTERM', 15],
])('the hook dies of %s -> so does the client', async (signal, number) => {
  expect(await callDaemon([...CALL, ['stdout', 'x'], ['end', 0, number]])).toMatchObject({
    code: null,
    signal,
    stdout: 'x',
  });
});

test.each([[19], [20], [17], [65], [1000]])('an end by signal %i is not believed', async (number) => {
  const result = await callDaemon([...CALL, ['end', 0, number]]);
  expect(result).toMatchObject({
    code: 1,
    signal: null,
    stderr: 'supervisor-hook: the supervisor broke the protocol while this hook ran\n',
  });
});

test('an end that is not an answer brings its line and its status', async () => {
  const result = await callDaemon([...CALL, ['end', 2, 0, 2, 'supervisor-hook: timed out after 30 s\n']]);
  expect(result).toMatchObject({ code: 2, stdout: '', stderr: 'supervisor-hook: timed out after 30 s\n' });
});

test("the daemon's explain is appended to the file as it is", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, 'explain');
    writeFileSync(file, 'before\n');
    await callDaemon([...CALL, ['end', 0, 0, 0, '', '{"path":"worker"}']], {
      args: ['run', '--explain', file, '--', 'x'],
    });
    expect(readFileSync(file, 'utf8')).toBe('before\n{"path":"worker"}\n');
  });
});

test('10 MiB of output that must be taken before any of 10 MiB of input is: no dead-lock, no byte lost', async () => {
  const input = someBytes(10 * MIB);
  const result = await callDaemon([...CALL, ['repeat', 17, 'x'.repeat(65_536), 160], ['stdin'], ['end']], {
    stdin: input,
  });
  expect(result).toMatchObject({ code: 0, stdoutBytes: 10 * MIB });
  expect(result.report.call.stdinBytes).toBeLessThanOrEqual(192 * 1024);
  expect(result.report.stdinBytes).toBe(10 * MIB);
  expect(result.report.stdinHash).toBe(createHash('sha256').update(input).digest('hex'));
});

test('a reader that pauses gets everything, through a pipe', async () => {
  const shell = '"$0" run -- x | { sleep 0.3; wc -c; }';
  const result = await callDaemon([...CALL, ['repeat', 17, '0123456789abcdef'.repeat(1000), 200], ['end']], { shell });
  expect(result.stdout.trim()).toBe(String(16_000 * 200));
});

test('a reader that pauses gets everything, through a file and through a socket', async () => {
  await inFolder(async (folder) => {
    const file = join(folder, 'out');
    await callDaemon([...CALL, ['repeat', 17, 'x'.repeat(60_000), 50], ['end']], {
      shell: `exec "$0" run -- x > ${file}`,
    });
    expect(readFileSync(file).length).toBe(3_000_000);
  });
  const result = await callDaemon([...CALL, ['repeat', 17, 'x'.repeat(60_000), 50], ['end']], {}, async (client) => {
    client.stdout.pause();
    await sleep(300);
    client.stdout.resume();
  });
  expect(result.stdoutBytes).toBe(3_000_000);
});

test('input that comes slowly is streamed as it comes', async () => {
  const steps: Step[] = [['call'], ['note', 'called'], ['started'], ['stdin'], ['end']];
  const { report } = await callDaemon(steps, { stdin: null }, async (client, daemon) => {
    client.stdin.write('one ');
    await daemon.note('called');
    for (const word of ['two ', 'three ', 'four']) {
      await sleep(30);
      client.stdin.write(word);
    }
    client.stdin.end();
  });
  expect(report.call.stdinText).toBe('one ');
  expect(report.stdinHash).toBe(createHash('sha256').update('one two three four').digest('hex'));
});

test('the reader of stdout goes away -> told once, unasked, before more stdin; stderr and status still come', async () => {
  const steps: Step[] = [
    ...CALL,
    ['stdout', 'x'],
    ['reader_gone'],
    ['stdout', 'z'],
    ['stderr', 'still here'],
    ['end', 5],
  ];
  const shell = '{ "$0" run -- x; echo " status $?" >&2; } | head -c 1';
  const result = await callDaemon(steps, { shell });
  expect(result).toMatchObject({ stdout: 'x', stderr: 'still here status 5\n' });
  expect(result.report.readersGone).toEqual([STDOUT]);
  expect(result.report.frames.filter((kind) => kind === READER_GONE)).toHaveLength(1);
});

test('a reader that is gone before the call -> the call says so, and no frame repeats it', async () => {
  const shell = '{ sleep 0.2; "$0" run -- x; echo " status $?" >&2; } | true';
  const result = await callDaemon([...CALL, ['stdout', 'x'], ['stderr', 'e'], ['end', 5]], { shell });
  expect(result.stderr).toBe('e status 5\n');
  expect(result.report.call.flags & (STDOUT_GONE | STDERR_GONE)).toBe(STDOUT_GONE);
  expect(result.report.frames).not.toContain(READER_GONE);
});

test('closed fds 0, 1 and 2 -> output is dropped, the status is kept, the connection does not take their place', async () => {
  const steps: Step[] = [...CALL, ['stdout', 'x'], ['reader_gone'], ['stderr', 'y'], ['end', 3], ['gone']];
  const result = await callDaemon(steps, { shell: 'exec "$0" run -- x <&- >&- 2>&-' });
  expect(result).toMatchObject({ code: 3, stdout: '', stderr: '' });
  expect(result.report.readersGone).toEqual([STDOUT]);
});
