import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callDaemon, callNobody, inFolder } from '../fixtures/client.js';

const BLOCKING = 16;
const refused: [name: string, args: string[], says: string][] = [
  ['no arguments', [], 'run, sh or event?'],
  ['unknown command', ['walk'], 'run, sh or event, not walk'],
  ['event with a command', ['event', '--', 'true'], 'event takes no arguments: true'],
  ['event with a word', ['event', 'PreToolUse'], 'event takes no arguments: PreToolUse'],
  ['event with a level', ['event', '--level', 'untrusted'], 'each validator has its own'],
  ['event that is to run directly', ['event', '--on-unavailable=run'], 'choose block or allow'],
  ['event of a shell', ['event', '--shell', '/bin/sh'], 'unknown option --shell'],
  ['agent of a command', ['run', '--agent', 'claude', '--', 'true'], 'unknown option --agent'],
  ['agent missing at the end', ['event', '--agent'], 'missing after --agent'],
  ['unknown option', ['run', '--fast', '--', 'true'], 'unknown option --fast'],
  ['option of the other command', ['run', '--shell', '/bin/sh', '--', 'true'], 'unknown option --shell'],
  ['option that only begins like one', ['run', '--timeouts=1s', '--', 'true'], 'unknown option --timeouts=1s'],
  ['value missing at the end', ['run', '--socket'], 'missing after --socket'],
  ['empty value', ['run', '--socket=', '--', 'true'], 'missing after --socket='],
  ['duration without unit', ['run', '--timeout', '30', '--', 'true'], 'not a duration such as 1500ms, 30s or 2m: 30'],
  ['duration of nothing', ['run', '--timeout', '0s', '--', 'true'], 'not a duration'],
  ['unit without number', ['run', '--timeout', 's', '--', 'true'], 'not a duration'],
  ['duration beyond 49 days', ['run', '--timeout', '99999999m', '--', 'true'], 'not a duration'],
  ['unknown level', ['run', '--level', 'high', '--', 'true'], 'contained, restricted or untrusted, not high'],
  [
    'a direct run above contained',
    ['run', '--level', 'restricted', '--on-unavailable=run', '--', 'true'],
    'a direct run would have more rights than --level restricted',
  ],
  [
    'a direct run above contained, the other way round',
    ['sh', '--on-unavailable', 'run', '--level=untrusted', 'true'],
    'a direct run would have more rights than --level untrusted',
  ],
  ['unknown policy', ['run', '--on-unavailable', 'no', '--', 'true'], 'run, block or allow, not no'],
  ['run without --', ['run', 'true'], 'needs -- before the command: true'],
  ['run without a command', ['run', '--'], 'needs a command'],
  ['sh without text', ['sh'], 'needs the text'],
  ['sh with two texts', ['sh', 'echo', 'x'], 'too many: x'],
  [
    'explain file that cannot be made',
    ['run', '--explain', '/nowhere/x', '--', 'true'],
    'cannot be opened: /nowhere/x',
  ],
];

test.each(refused)('%s -> exit 64, one line, nothing runs', async (_name, args, says) => {
  const result = await callNobody({ args });
  expect(result.stderr).toContain(says);
  expect(result).toMatchObject({ code: 64, stdout: '', stderr: expect.stringMatching(/^supervisor-hook: .*\n$/) });
});

test('--help and --version -> stdout, exit 0', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(await callNobody({ args: ['--version'] })).toMatchObject({
    code: 0,
    stdout: `supervisor-hook ${version}\n`,
    stderr: '',
  });
  const help = await callNobody({ args: ['run', '--help'] });
  expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('--on-unavailable POLICY') });
});

test('options reach the call, as "--x V" and "--x=V"', async () => {
  const args = ['run', '--timeout', '2m', '--level=contained', '--', 'cmd', '--timeout', '1s'];
  const { report } = await callDaemon([['call'], ['started'], ['end']], { args });
  expect(report.call).toMatchObject({ timeoutMs: 120_000, level: 0, argv: ['cmd', '--timeout', '1s'] });
  const plain = await callDaemon([['call'], ['started'], ['end']], { args: ['run', '--timeout=1500ms', '--', 'cmd'] });
  expect(plain.report.call).toMatchObject({ timeoutMs: 1500, level: 255 });
});

test.each([
  ['contained', 0, 0],
  ['restricted', 1, BLOCKING],
  ['untrusted', 2, BLOCKING],
])('--level %s -> number %i, and a failure of ours is to block above contained', async (level, number, blocking) => {
  const { report } = await callDaemon([['call'], ['started'], ['end']], { args: ['run', '--level', level, '--', 'x'] });
  expect(report.call.level).toBe(number);
  expect(report.call.flags & BLOCKING).toBe(blocking);
});

test('event -> {event, agent}, the flag, and a failure of ours is to block', async () => {
  const EVENT = 128;
  const event = async (...options: string[]) => {
    const steps: Parameters<typeof callDaemon>[0] = [['call'], ['started'], ['end']];
    return (await callDaemon(steps, { args: ['event', ...options], stdin: '{}' })).report.call;
  };
  expect(await event()).toMatchObject({ argv: ['event', ''], level: 255, timeoutMs: 0, stdinText: '{}' });
  expect(await event('--agent', 'codex', '--timeout=2s')).toMatchObject({ argv: ['event', 'codex'], timeoutMs: 2_000 });
  expect((await event()).flags & (EVENT | BLOCKING)).toBe(EVENT | BLOCKING);
  expect((await event('--on-unavailable', 'allow')).flags & BLOCKING).toBe(0);
});

test('sh -> {shell, -c, text} and the flag', async () => {
  const plain = await callDaemon([['call'], ['started'], ['end']], { args: ['sh', 'echo "$X" | cat'] });
  expect(plain.report.call.argv).toEqual(['/bin/sh', '-c', 'echo "$X" | cat']);
  expect(plain.report.call.flags & 1).toBe(1);
  const bash = await callDaemon([['call'], ['started'], ['end']], { args: ['sh', '--shell', '/bin/bash', '--', '-x'] });
  expect(bash.report.call.argv).toEqual(['/bin/bash', '-c', '-x']);
});

test('--socket names the socket; its folder is held to the same rules', async () => {
  const steps: Parameters<typeof callDaemon>[0] = [['call'], ['started'], ['stdout', 'by the daemon'], ['end']];
  const { startDaemon, startClient, finish } = await import('../fixtures/client.js');
  await inFolder(async (folder) => {
    const daemon = await startDaemon(folder, steps);
    const args = ['run', '--socket', join(folder, 'call.sock'), '--', 'echo', 'direct'];
    const result = await finish(startClient('/nowhere', { args }));
    daemon.kill();
    expect(result.stdout).toBe('by the daemon');
  });
});
