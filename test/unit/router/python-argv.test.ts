import { expect, test } from 'vitest';
import { parsePythonArgv } from '../../../supervisor/router/python-argv.js';

const parse = (line: string, minor = 12) => parsePythonArgv(['python3', ...line.split(' ').filter(Boolean)], minor);

test.each([
  ['x.py', [], 'script', 1],
  ['x.py -i -c a', [], 'script', 1],
  ['-u x.py', ['-u'], 'script', 2],
  ['-uSB x.py', ['-uSB'], 'script', 2],
  ['-I -OO x.py', ['-I', '-OO'], 'script', 3],
  ['-Wdefault -W error x.py', ['-Wdefault', '-W', 'error'], 'script', 4],
  ['-bWignore x.py', ['-bWignore'], 'script', 2],
  ['-Xutf8 -X dev x.py', ['-Xutf8', '-X', 'dev'], 'script', 4],
  ['-c pass a b', [], 'command', 2],
  ['-m json.tool x', [], 'module', 2],
  ['-P x.py', ['-P'], 'script', 2],
  ['--check-hash-based-pycs never x.py', ['--check-hash-based-pycs', 'never'], 'script', 3],
])('python3 %s', (line, flags, mode, index) => {
  expect(parse(line)).toEqual({ flags, program: { mode, index } });
});

test.each([
  '',
  '-',
  '-u',
  '-- -',
  '-- -x.py',
  '-uc pass',
  '-i x.py',
  '-h',
  '-V',
  '-VV',
  '-v x.py',
  '-d x.py',
  '-x x.py',
  '-R x.py',
  '-t x.py',
  '-J x.py',
  '-cpass',
  '-c',
  '-m',
  '-W',
  '-X importtime x.py',
  '-Xtracemalloc=5 x.py',
  '-X',
  '--help',
  '--version',
  '--unknown x.py',
  '--check-hash-based-pycs sometimes x.py',
  '/dev/stdin',
  '/dev/fd/3',
  '/proc/self/fd/0',
])('python3 %s is not for a zygote', (line) => {
  expect(parse(line)).toHaveProperty('unsupported');
});

test('-P is unknown to 3.10', () => {
  expect(parse('-P x.py', 10)).toHaveProperty('unsupported');
});

test('an empty script name is not for a zygote', () => {
  expect(parsePythonArgv(['python3', ''], 12)).toHaveProperty('unsupported');
});
