/** The rules of env, held against the env of this machine. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parseEnvArgv } from '../../../supervisor/router/env-argv.js';
import { proveEnv } from '../../../supervisor/router/env-model.js';

const ENV = ['PATH=/usr/bin:/bin', 'A=1', 'B=2', 'C=3'];
/** Shows its argv and its environment, in order. */
const SHOW = ['/bin/cat', '/proc/self/cmdline', '/proc/self/environ'];

function said(args: readonly string[]): string {
  const env = Object.fromEntries(ENV.map((entry) => entry.split('=') as [string, string]));
  return spawnSync('/usr/bin/env', args, { env, encoding: 'latin1' }).stdout;
}

test.each([
  ['nothing', []],
  ['variables', ['B=x', 'NEW=y', 'B=z', 'E=']],
  ['-u', ['-u', 'A', '-u', 'NONE']],
  ['-u of a variable that is then set', ['-u', 'A', 'A=5']],
  ['-i', ['-i', 'A=5']],
  ['-', ['-', 'A=5']],
  ['-u and -i', ['-u', 'A', '--ignore-environment', 'B=1']],
  ['-S', ['-S', '  A=7   B=8 ']],
  ['-S in one word', ['-SA=7 B=8']],
  ['-S with options in it', ['-S', '-u A B=7 C==x']],
])('%s: as env does it', (_name, args) => {
  const foretold = parseEnvArgv(['env', ...args, ...SHOW], ENV);
  const expected = 'argv' in foretold ? [...foretold.argv, ...foretold.env].map((text) => `${text}\0`).join('') : '';
  expect(said([...args, ...SHOW])).toBe(expected);
});

test.each([
  ['no command', []],
  ['-0', ['-0', 'x']],
  ['-v', ['-v', 'x']],
  ['--', ['--', 'x']],
  ['-uA', ['-uA', 'x']],
  ['-u without a name', ['-u', 'A=1', 'x']],
  ['a variable without a name', ['=1', 'x']],
  ['-S with quotes or escapes', ['-S', "'x' y"]],
  ['-S with quotes or escapes', ['-S', '\\x41']],
  ['-S with quotes or escapes', ['-S', '$' + '{A} x']],
  ['-S without a text', ['-S']],
])('left to env: %s', (reason, args) => {
  expect(parseEnvArgv(['env', ...args], ENV)).toEqual({ unsupported: reason });
});

test('the env of this machine is proved, and a program that is no env is not', async () => {
  expect(await proveEnv('/usr/bin/env')).toBe(true);
  expect(await proveEnv('/bin/echo')).toBe(false);
});
