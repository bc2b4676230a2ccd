import { expect, test } from 'vitest';
import { parseNodeArgv, unsupportedNodeOptions } from '../../../supervisor/router/node-argv.js';

const parse = (line: string) => parseNodeArgv(['node', ...line.split(' ').filter(Boolean)]);

test.each([
  ['x.js', [], 'script', 1],
  ['x.js -e a --inspect', [], 'script', 1],
  ['--no-warnings x.js a', ['--no-warnings'], 'script', 2],
  ['-r ./pre.js --require=b x.js', ['-r', './pre.js', '--require=b'], 'script', 4],
  ['--import ./pre.mjs x.mjs', ['--import', './pre.mjs'], 'script', 3],
  ['--max-old-space-size=200 x.js', ['--max-old-space-size=200'], 'script', 2],
  ['--max_old_space_size=200 x.js', ['--max_old_space_size=200'], 'script', 2],
  ['-C mine --unhandled-rejections=warn x.js', ['-C', 'mine', '--unhandled-rejections=warn'], 'script', 4],
  ['-e text', ['-e', 'text'], 'command', 3],
  ['-e text a b', ['-e', 'text'], 'command', 3],
  ['-e text --no-warnings a', ['-e', 'text', '--no-warnings'], 'command', 4],
  ['--input-type=module --eval=text a', ['--input-type=module', '--eval=text'], 'command', 3],
  ['-p text', ['-p', 'text'], 'command', 3],
  ['-pe text', ['-pe', 'text'], 'command', 3],
  ['-p -e text', ['-p', '-e', 'text'], 'command', 4],
])('node %s', (line, flags, mode, index) => {
  expect(parse(line)).toEqual({ flags, program: { mode, index } });
});

test.each([
  '',
  '-',
  '-- x.js',
  '-i',
  '-v',
  '-h',
  '-c x.js',
  '-p',
  '-e',
  '-e -x',
  '--eval=',
  '-e text -- a',
  '-e text -',
  '-r',
  '-r --no-warnings x.js',
  '--require',
  '--inspect x.js',
  '--inspect-brk=0 x.js',
  '--cpu-prof x.js',
  '--test',
  '--watch x.js',
  '--run build',
  '--env-file=.env x.js',
  '--loader ./l.mjs x.mjs',
  '--experimental-loader=./l.mjs x.mjs',
  '--experimental-permission x.js',
  '--permission x.js',
  '--no-addons x.js',
  '--pending-deprecation x.js',
  '--random-seed=1 x.js',
  '--no-warnings=1 x.js',
  '--max-old-space-size 200 x.js',
  '--stack-trace-limit',
  '-C',
  'inspect x.js',
  'debug x.js',
  '/dev/stdin',
  '/dev/fd/3',
  '/proc/self/fd/0',
])('node %s is not for a parked process', (line) => {
  expect(parse(line)).toHaveProperty('unsupported');
});

test('an empty script name is a program from stdin', () => {
  expect(parseNodeArgv(['node', ''])).toHaveProperty('unsupported');
});

test.each([
  '',
  '--no-warnings',
  ' --max-old-space-size=4096  --trace-warnings',
  '-C mine',
  '--unhandled-rejections warn',
])('NODE_OPTIONS=%s', (value) => {
  expect(unsupportedNodeOptions(value)).toBeUndefined();
});

test.each([
  '-r ./x.js',
  '--require=./x.js',
  '--import x',
  '--inspect',
  '--no-warnings --cpu-prof',
  '--max-old-space-size="1"',
  'a\\ b',
])('NODE_OPTIONS=%s is not for a parked process', (value) => {
  expect(unsupportedNodeOptions(value)).toBeTypeOf('string');
});
