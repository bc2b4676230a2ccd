import { posix } from 'node:path';
import { expect, test } from 'vitest';
import type { Facts } from '../../../supervisor/router/facts.js';
import { plan } from '../../../supervisor/router/plan.js';
import { poolKey } from '../../../supervisor/router/python-key.js';
import type { ShellModel } from '../../../supervisor/router/shell-environment.js';
import { callOf, folder, program } from './call.js';

const CWD = '/project';
const ENV = ['PATH=/venv/bin:/bin', 'SHLVL=1', `PWD=${CWD}`, 'CLAUDE_PROJECT_DIR=/project', 'LANG=C.UTF-8', 'SECRET=x'];
const script = (place: string, line: string) => program(place, { format: 'script', scriptWords: line.split(' ') });

const files = new Map([
  [CWD, folder('project')],
  ['/bin/sh', program('sh', { realPath: '/bin/dash' })],
  ['/bin/python3', program('py', { realPath: '/bin/python3.11' })],
  ['/project/.venv/bin/python', program('py', { realPath: '/bin/python3.11' })],
  ['/bin/python3.9', program('py39', { realPath: '/bin/python3.9' })],
  ['/shims/python3', script('shim', '/bin/bash')],
  ['/bin/pypy', program('pypy', { realPath: '/opt/pypy3.10' })],
  ['/pypy/python3', program('pypy', { realPath: '/opt/pypy3.10' })],
  ['/project/guard.py', script('guard', '/usr/bin/env python3')],
  ['/project/run.sh', script('run', '/bin/sh')],
  ['/project/broken', script('broken', '/gone')],
  ['/project/text', program('text', { format: '' })],
  ['/bin/cat', program('cat')],
]);
const dash: ShellModel = { kind: 'dash', levelStep: 0, becomesCommand: false };
const facts: Facts = {
  file: (path) => files.get(posix.normalize(path)),
  shell: (path) => (path === '/bin/sh' ? dash : undefined),
};
const run = (argv: string[], env = ENV) => plan(callOf(argv, env, CWD), facts);
const sh = (text: string, env = ENV, shell = '/bin/sh') => plan(callOf([shell, '-c', text], env, CWD, true), facts);

test('python3 script: a warm interpreter', () => {
  expect(run(['python3', '-u', 'x.py', 'a'])).toEqual({
    kind: 'interpreter',
    runtime: 'python',
    interpreter: '/bin/python3',
    flags: ['-u'],
    startEnv: ['LANG=C.UTF-8'],
    program: { mode: 'script', index: 2 },
    argv: ['python3', '-u', 'x.py', 'a'],
    env: ENV,
    fallback: { path: '/bin/python3' },
    throughShell: false,
  });
});

test('the interpreter of a virtual environment is named by its own absolute path', () => {
  expect(run(['./.venv/bin/python', 'x.py'])).toMatchObject({
    interpreter: '/project/.venv/bin/python',
    fallback: { path: './.venv/bin/python' },
  });
});

test.each([
  ['a shim', ['/shims/python3', 'x.py'], 'python3 is a script that starts an interpreter'],
  ['another implementation', ['/pypy/python3', 'x.py'], 'python3 is not a plain CPython'],
  ['an option that is not for a zygote', ['python3', '-i', 'x.py'], 'python: -i'],
  ['a python script run by its #!', ['./guard.py'], 'a script with #!'],
  ['a shell script', ['./run.sh'], ''],
  ['another program', ['cat', 'f'], ''],
  ['nothing of that name', ['nothing'], ''],
])('%s goes through exec', (_name, argv, reason) => {
  expect(run(argv)).toMatchObject({ kind: 'exec', argv, env: ENV, reason });
});

test('a variable that makes the start report on itself: exec', () => {
  expect(run(['python3', 'x.py'], [...ENV, 'PYTHONINSPECT=1'])).toMatchObject({
    reason: 'python: PYTHONINSPECT is set',
  });
});

test('the commonest hook, as shell text: a warm interpreter with the environment the shell would give', () => {
  const planned = sh('python3 "$CLAUDE_PROJECT_DIR"/x.py');
  expect(planned).toMatchObject({ kind: 'interpreter', argv: ['python3', '/project/x.py'], throughShell: true });
  expect([...planned.env].sort()).toEqual([...ENV].sort());
});

test.each([
  ['a pipeline', 'cat f | cat', ENV],
  ['a program that is not there', 'nothing', ENV],
  ['a script whose interpreter is not there', './broken', ENV],
  ['a file that only a shell can run', './text', ENV],
  ['IFS in the environment', 'cat f', [...ENV, 'IFS=x']],
])('%s: the shell itself, with the call as it came', (_name, text, env) => {
  expect(sh(text, env)).toMatchObject({
    kind: 'exec',
    path: '/bin/sh',
    argv: ['/bin/sh', '-c', text],
    env,
    throughShell: false,
  });
});

test('a shell that was not proved is run', () => {
  expect(sh('cat f', ENV, '/bin/zsh')).toMatchObject({ path: '/bin/zsh', argv: ['/bin/zsh', '-c', 'cat f'] });
});

test('dash puts an ignored SIGCHLD back: its text is not recognised then', () => {
  const call = callOf(['/bin/sh', '-c', 'cat f'], ENV, CWD, true);
  call.inherited.writeBigUInt64LE(1n << 16n, 8);
  expect(plan(call, facts)).toMatchObject({ path: '/bin/sh', reason: 'SIGCHLD is ignored' });
});

function keyOf(argv: string[], env: string[]): string {
  const planned = run(argv, env);
  return planned.kind === 'interpreter' ? poolKey(planned, facts) : 'exec';
}

test.each([
  ['another script', ['python3', 'y.py'], ENV, true],
  ['a variable that does not matter for the start', ['python3', 'x.py'], [...ENV, 'OTHER=1'], true],
  ['flags', ['python3', '-u', 'x.py'], ENV, false],
  ['PYTHONPATH', ['python3', 'x.py'], [...ENV, 'PYTHONPATH=/x'], false],
  ['the locale', ['python3', 'x.py'], [...ENV, 'LC_ALL=C'], false],
  ['the interpreter', ['.venv/bin/python', 'x.py'], ENV, false],
])('pool key: %s', (_name, argv, env, isSame) => {
  expect(keyOf(argv, env) === keyOf(['python3', 'x.py'], ENV)).toBe(isSame);
});

test('pool key: changes with the interpreter file, and shows no value', () => {
  const before = keyOf(['python3', 'x.py'], ENV);
  expect(before).toMatch(/^python-[0-9a-f]{16}$/);
  files.set('/bin/python3', program('py', { realPath: '/bin/python3.11', stamp: 'upgraded' }));
  expect(keyOf(['python3', 'x.py'], ENV)).not.toBe(before);
});
