import { expect, test } from 'vitest';
import {
  BAD_CALL,
  type ClientOptions,
  callDaemon,
  countRuns,
  GARBAGE,
  LEVEL_UNAVAILABLE,
  run,
  type Step,
} from '../fixtures/client.js';

// ---- Refused after STARTED: it has not begun ---------------------------------------------------------------------------

test('refused after STARTED because the level cannot be had -> blocked', async () => {
  const runs = await countRuns(async (command) => {
    const steps: Step[] = [['call'], ['started'], ['refuse', LEVEL_UNAVAILABLE, 'no worker']];
    expect(await callDaemon(steps, run(...command))).toMatchObject({ code: 2 });
  });
  expect(runs).toBe(0);
});

test.each([
  ['more than the call held', 300_000],
  ['as much as a daemon takes for a hook that has not begun', 600_000],
])('refused after STARTED with %s read -> the direct run gets every byte', async (_name, length) => {
  const steps: Step[] = [['call'], ['started'], ['stdin'], ['refuse', BAD_CALL, 'no worker']];
  const stdin = Buffer.from(Array.from({ length }, (_, at) => 97 + (at % 23)));
  const result = await callDaemon(steps, { ...run('cat'), stdin });
  expect(result).toMatchObject({ code: 0, stderr: '', stdoutBytes: length });
  expect(result.stdout).toBe(stdin.toString());
});

test('refused after STARTED with some of an open input read -> the direct run gets the rest as it comes', async () => {
  const steps: Step[] = [['call'], ['started'], ['note', 'started'], ['sleep', 300], ['refuse', BAD_CALL, 'no worker']];
  const result = await callDaemon(steps, { ...run('cat'), stdin: null }, async (client, daemon) => {
    await daemon.note('started');
    client.stdin.write('first ');
    await new Promise<void>((done) => client.stdout.once('data', () => done()));
    client.stdin.end('second');
  });
  expect(result).toMatchObject({ code: 0, stdout: 'first second' });
});

test('refused after STARTED when more input has been read than is kept -> one line, not run', async () => {
  const steps: Step[] = [['call'], ['started'], ['stdin'], ['refuse', BAD_CALL, 'no worker']];
  const stdin = Buffer.alloc(1_000_000, 'x');
  const result = await callDaemon(steps, { ...run('cat'), stdin });
  expect(result).toMatchObject({ code: 1, stdout: '', stderr: 'supervisor-hook: the supervisor refused: no worker\n' });
});

// ---- Lost after the start: never run again ------------------------------------------------------------------------------

const lost: [name: string, steps: Step[], says: string][] = [
  ['the daemon dies', [['call'], ['started'], ['close']], 'the supervisor died while this hook ran'],
  ['garbage', [['call'], ['started'], ['raw', GARBAGE]], 'the supervisor broke the protocol while this hook ran'],
  ['STARTED twice', [['call'], ['started'], ['started']], 'the supervisor broke the protocol while this hook ran'],
  [
    'a refusal after output',
    [['call'], ['started'], ['stdout', ''], ['refuse', 1, 'x']],
    'the supervisor broke the protocol while this hook ran',
  ],
  [
    'an end cut short',
    [['call'], ['started'], ['frame', 19, 'short']],
    'the supervisor broke the protocol while this hook ran',
  ],
  [
    'an end that lies about its length',
    [['call'], ['started'], ['frame', 19, `${'\0'.repeat(12)}\xff\xff\xff\xff${'\0'.repeat(8)}`]],
    'the supervisor broke the protocol while this hook ran',
  ],
];
test.each(lost)('%s after STARTED -> one line, exit 1 (block: 2), not run again', async (_name, steps, says) => {
  const runs = await countRuns(async (command) => {
    expect(await callDaemon(steps, run(...command))).toMatchObject({ code: 1, stderr: `supervisor-hook: ${says}\n` });
    const block = await callDaemon(steps, { args: ['run', '--on-unavailable=block', '--', ...command] });
    expect(block).toMatchObject({ code: 2, stderr: `supervisor-hook: ${says}\n` });
  });
  expect(runs).toBe(0);
});

// ---- Accept timeout ---------------------------------------------------------------------------------------------------------

const patient = (command: string[], timeoutMs: number): ClientOptions => ({
  args: ['run', '--accept-timeout', `${timeoutMs}ms`, '--', ...command],
});

test('no STARTED within --accept-timeout -> runs directly; a later STARTED fails at the daemon', async () => {
  const runs = await countRuns(async (command) => {
    const steps: Step[] = [['call'], ['sleep', 500], ['started']];
    const result = await callDaemon(steps, patient(command, 150));
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.report.sent).toEqual([-16]);
  });
  expect(runs).toBe(1);
});

test('STARTED within --accept-timeout -> waits for the answer as long as it takes', async () => {
  const steps: Step[] = [['call'], ['started'], ['sleep', 400], ['stdout', 'slow'], ['end', 3]];
  expect(await callDaemon(steps, patient(['true'], 200))).toMatchObject({ code: 3, stdout: 'slow' });
});

test('STARTED at the very moment of giving up -> run by one of the two, never by both', async () => {
  for (let attempt = 0; attempt < 12; attempt++) {
    const steps: Step[] = [['call'], ['sleep', 46 + attempt], ['started'], ['end']];
    let startedByDaemon = false;
    const runs = await countRuns(async (command) => {
      const { report } = await callDaemon(steps, patient(command, 53));
      startedByDaemon = report.sent[0] === 16;
    });
    expect(runs + Number(startedByDaemon)).toBe(1);
  }
});
