import { mkdtempSync, realpathSync, rmdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { callDaemon, inFolder, type Step } from '../fixtures/client.js';

const ANSWER: Step[] = [['call'], ['stdin'], ['started'], ['end']];
const STREAMED: Step[] = [['call'], ['started'], ['stdin'], ['end']];
const MERGED = 2;
const STDIN_COMPLETE = 4;
const EXPLAIN = 8;

test('bytes that are not UTF-8 arrive unchanged in arguments and environment', async () => {
  const shell = `X="$(printf '\\200\\377')" exec "$0" run -- cmd "$(printf 'a\\376b')" ''`;
  const { report } = await callDaemon(ANSWER, { shell });
  expect(report.call.argv).toEqual(['cmd', 'a\u00feb', '']);
  expect(report.call.env).toContain('X=\u0080\u00ff');
});

test('a 1 MiB environment arrives whole and in order', async () => {
  const env = Object.fromEntries(
    Array.from({ length: 11 }, (_, i) => [`BIG_${i}`, `${i}`.repeat(100_000 / `${i}`.length)]),
  );
  const { report, code } = await callDaemon(ANSWER, { env });
  expect(code).toBe(0);
  expect(report.call.env.filter((entry) => entry.startsWith('BIG_'))).toEqual(
    Object.entries(env).map(([name, value]) => `${name}=${value}`),
  );
});

test('umask, nice, limits and ignored signals are those of the client', async () => {
  const shell = `trap '' HUP USR1; umask 027; ulimit -n 512; ulimit -S -c 7; exec nice -n 5 "$0" run -- cmd`;
  const { report } = await callDaemon(ANSWER, { shell });
  expect(report.call).toMatchObject({ umask: 0o27, nice: 5, nofile: [512, 512] });
  expect(report.call.core[0]).toBe(7 * 512);
  expect(report.call.ignoredSignals & 0b10_0000_0001).toBe(0b10_0000_0001);
});

test('the current folder is sent as path and as one descriptor', async () => {
  await inFolder(async (folder) => {
    const { report } = await callDaemon(ANSWER, { cwd: folder });
    expect(report.call).toMatchObject({ cwd: realpathSync(folder), cwdByFd: realpathSync(folder), fds: 1 });
  });
});

test('a deleted current folder has no path; the descriptor counts', async () => {
  const gone = mkdtempSync('/tmp/hook-gone-');
  const { report } = await callDaemon(ANSWER, { shell: `cd ${gone} && rmdir ${gone} && exec "$0" run -- cmd` });
  expect(report.call).toMatchObject({ cwd: '', cwdByFd: `${gone} (deleted)`, fds: 1 });
  expect(() => rmdirSync(gone)).toThrow('ENOENT');
});

test('one open file for stdout and stderr is told; two are not', async () => {
  const merged = await callDaemon(ANSWER, { shell: 'exec "$0" run -- cmd 2>&1' });
  expect(merged.report.call.flags & MERGED).toBe(MERGED);
  const apart = await callDaemon(ANSWER, {});
  expect(apart.report.call.flags & MERGED).toBe(0);
  const twice = await callDaemon(ANSWER, { shell: 'exec "$0" run -- cmd >/dev/null 2>/dev/null' });
  expect(twice.report.call.flags & MERGED).toBe(0);
});

test('--explain is announced', async () => {
  await inFolder(async (folder) => {
    const { report } = await callDaemon(ANSWER, { args: ['run', '--explain', `${folder}/x`, '--', 'cmd'] });
    expect(report.call.flags & EXPLAIN).toBe(EXPLAIN);
  });
});

const whole: [name: string, text: string][] = [
  ['an object', '{"a":[1,{"b":"}]\\"{"}]}'],
  ['an array after white space', ' \n\t[{"x":"\\\\"}]'],
  ['an object with white space behind', '{"a":1}\r\n \n'],
];
test.each(whole)('stdin left open after %s counts as complete', async (_name, stdin) => {
  const { report, code } = await callDaemon(ANSWER, { stdin: null }, async (client) => {
    client.stdin.write(stdin);
  });
  expect(code).toBe(0);
  expect(report.call.flags & STDIN_COMPLETE).toBe(STDIN_COMPLETE);
  expect(report.call.stdinText).toBe(stdin);
});

const open: [name: string, text: string][] = [
  ['an unclosed object', '{"a":"}"'],
  ['two objects', '{"a":1}\n{"b":2}'],
  ['plain text', 'hello\n'],
  ['a string', '"{}"'],
];
test.each(open)('stdin left open after %s is streamed to its end', async (_name, stdin) => {
  const { report } = await callDaemon(
    [['call'], ['note', 'called'], ...STREAMED.slice(1)],
    { stdin: null },
    async (client, daemon) => {
      client.stdin.write(stdin);
      await daemon.note('called');
      client.stdin.end('the rest');
    },
  );
  expect(report.call.flags & STDIN_COMPLETE).toBe(0);
  expect(report.call.stdinText).toBe(stdin);
  expect(report.stdinBytes).toBe(stdin.length + 'the rest'.length);
  expect(report.frames).toEqual([1, 2, 3]);
});

test('stdin at its end -> complete, whatever it holds', async () => {
  const { report } = await callDaemon(ANSWER, { stdin: 'not json' });
  expect(report.call.flags & STDIN_COMPLETE).toBe(STDIN_COMPLETE);
  expect(report.call.stdinText).toBe('not json');
});

test('a closed fd 0 -> empty and complete; the connection does not take its place', async () => {
  const { report, code } = await callDaemon(ANSWER, { shell: 'exec "$0" run -- cmd <&-' });
  expect(code).toBe(0);
  expect(report.call).toMatchObject({ stdinBytes: 0, fds: 1 });
  expect(report.call.flags & STDIN_COMPLETE).toBe(STDIN_COMPLETE);
});

test('an open silent stdin delays the call by about 50 ms, not more', async () => {
  const startedMs = performance.now();
  await callDaemon([['call'], ['note', 'called'], ['started'], ['end']], { stdin: null }, (_client, daemon) =>
    daemon.note('called'),
  );
  expect(performance.now() - startedMs).toBeLessThan(1000);
});

test('input that drips does not hold the call back for ever', async () => {
  const { report } = await callDaemon(
    [['call'], ['note', 'called'], ...STREAMED.slice(1)],
    { stdin: null },
    async (client, daemon) => {
      const drip = setInterval(() => client.stdin.write('x'), 20);
      await daemon.note('called');
      clearInterval(drip);
      client.stdin.end();
    },
  );
  expect(report.call.stdinBytes).toBeGreaterThan(0);
  expect(report.call.stdinBytes).toBeLessThan(40);
});
