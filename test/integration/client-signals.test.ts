import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Child, callDaemon, inFolder, type Step } from '../fixtures/client.js';

const CANCELLED = 5;
const RUNNING: Step[] = [['call'], ['started'], ['note', 'running']];
type Daemon = { note(text: string): Promise<void> };

const signalWhenRunning = (signal: NodeJS.Signals) => async (client: Child, daemon: Daemon) => {
  await daemon.note('running');
  await sleep(30); // STARTED is on its way to the client
  client.kill(signal);
};

test.each([
  ['SIGTERM', 15],
  ['SIGINT', 2],
  ['SIGHUP', 1],
] as const)('%s -> CANCEL, and once it is cancelled the client dies of it', async (signal, number) => {
  const steps: Step[] = [...RUNNING, ['cancel'], ['stdout', 'tail'], ['end', 1, 0, CANCELLED]];
  const result = await callDaemon(steps, {}, signalWhenRunning(signal));
  expect(result).toMatchObject({ code: null, signal, stdout: 'tail', stderr: '' });
  expect(result.report.cancels).toEqual([number]);
});

test('a hook that answers in spite of the signal -> its own status', async () => {
  const result = await callDaemon([...RUNNING, ['cancel'], ['end', 9]], {}, signalWhenRunning('SIGTERM'));
  expect(result).toMatchObject({ code: 9, signal: null });
});

test('a signal ignored on entry is ignored', async () => {
  const shell = `trap '' TERM; exec "$0" run -- x`;
  const steps: Step[] = [...RUNNING, ['sleep', 150], ['end', 4], ['gone']];
  const result = await callDaemon(steps, { shell }, signalWhenRunning('SIGTERM'));
  expect(result).toMatchObject({ code: 4, signal: null });
  expect(result.report.frames).toEqual([1]);
});

test('a signal is taken while the output is stuck', async () => {
  const steps: Step[] = [...RUNNING, ['stdout', 'x'.repeat(60_000)], ['cancel'], ['end', 0, 15, CANCELLED]];
  const result = await callDaemon(steps, {}, async (client, daemon) => {
    client.stdout.pause();
    await signalWhenRunning('SIGTERM')(client, daemon);
    client.stdout.resume();
  });
  expect(result).toMatchObject({ signal: 'SIGTERM', stdoutBytes: 60_000 });
});

/** Both kinds of stuck output are entered before the signal, nobody ever reads on, and the daemon does not read either. */
test.each(['socket', 'pipe'])(
  'a CANCEL that nobody takes for 2 s, output stuck in a %s -> dies of its signal',
  async (kind) => {
    const steps: Step[] = [...RUNNING, ['repeat', 17, 'x'.repeat(60_000), 40], ['gone']];
    const shell = `mkfifo "$SUPERVISOR_RUNTIME_DIR/fifo"; exec 4<>"$SUPERVISOR_RUNTIME_DIR/fifo"; exec "$0" run -- x >&4`;
    const result = await callDaemon(steps, kind === 'pipe' ? { shell } : {}, async (client, daemon) => {
      client.stdout.pause();
      await daemon.note('running');
      await sleep(200);
      const exited = new Promise<void>((done) => client.once('exit', () => done()));
      client.kill('SIGTERM');
      await exited;
      client.stdout.resume();
    });
    expect(result.signal).toBe('SIGTERM');
  },
);

test('a second signal after 2 s without an end -> dies at once', async () => {
  const result = await callDaemon([...RUNNING, ['gone']], {}, async (client, daemon) => {
    await signalWhenRunning('SIGINT')(client, daemon);
    client.kill('SIGINT'); // too early: the hook may be cleaning up
    await sleep(2100);
    expect(client.signalCode).toBe(null);
    client.kill('SIGTERM');
  });
  expect(result).toMatchObject({ signal: 'SIGTERM' });
  expect(result.report.gone).toBe(true);
});

test('a signal before STARTED -> dies of it, and the hook is not run directly', async () => {
  await inFolder(async (folder) => {
    const marker = join(folder, 'ran');
    const steps: Step[] = [['call'], ['note', 'running'], ['cancel'], ['close']];
    const result = await callDaemon(steps, { args: ['run', '--', 'touch', marker] }, signalWhenRunning('SIGTERM'));
    expect(result.signal).toBe('SIGTERM');
    expect(existsSync(marker)).toBe(false);
  });
});

test('a signal, then the daemon dies -> dies of the signal', async () => {
  const result = await callDaemon([...RUNNING, ['cancel'], ['close']], {}, signalWhenRunning('SIGTERM'));
  expect(result).toMatchObject({ signal: 'SIGTERM', stderr: '' });
});

test('a signal while input is gathered -> dies at once', async () => {
  const result = await callDaemon([['gone']], { stdin: null }, async (client) => {
    await sleep(20);
    client.kill('SIGHUP');
  });
  expect(result.signal).toBe('SIGHUP');
});
