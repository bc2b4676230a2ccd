import { posix } from 'node:path';
import { expect, test } from 'vitest';
import type { Facts } from '../../../supervisor/router/facts.js';
import { plan } from '../../../supervisor/router/plan.js';
import { poolKey } from '../../../supervisor/router/python-key.js';
import type { ShellModel } from '../../../supervisor/router/shell-environment.js';
import { callOf, folder, program } from './call.js';

const CWD = '/project';
const ENV = ['PATH=/venv/bin:/bin', 'SHLVL=1', `PWD=${CWD}`, 'CLAUDE_PROJECT_DIR=/project', 'LANG=C.UTF-8', 'SECRET=x'];
const script = (place: string, line: string) =>
  program(place, { format: 'script', scriptWords: line.split(/ (.*)/).filter(Boolean) });

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
  ['/project/direct.py', script('direct', '/bin/python3 -u')],
  ['/project/split.py', script('split', '/usr/bin/env -S -u GONE ADDED=1 python3 -B')],
  ['/project/two.py', script('two', '/bin/python3 -u -B')],
  ['/project/hook.js', script('hook', '/usr/bin/env node')],
  ['/project/script.py', script('script', '/project/direct.py')],
  ['/project/loop', script('loop', '/project/loop')],
  ['/project/run.sh', script('run', '/bin/sh')],
  ['/project/broken', script('broken', '/gone')],
  ['/project/text', program('text', { format: '' })],
  ['/bin/cat', program('cat')],
  ['/bin/node', program('node', { realPath: '/bin/node' })],
  ['/usr/bin/env', program('env')],
  ['/other/env', program('other env')],
]);
const dash: ShellModel = { kind: 'dash', levelStep: 0, becomesCommand: false };
const facts: Facts = {
  file: (path) => files.get(posix.normalize(path)),
  shell: (path) => (path === '/bin/sh' ? dash : undefined),
  isEnv: (path) => path === '/usr/bin/env',
  shim: () => 'not learned',
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
    fallback: { path: '/bin/python3', argv: ['python3', '-u', 'x.py', 'a'], env: ENV },
    throughShell: false,
  });
});

test('the interpreter of a virtual environment is named by its own absolute path', () => {
  expect(run(['./.venv/bin/python', 'x.py'])).toMatchObject({
    interpreter: '/project/.venv/bin/python',
    fallback: { path: './.venv/bin/python', argv: ['./.venv/bin/python', 'x.py'], env: ENV },
  });
});

test.each([
  ['a shim', ['/shims/python3', 'x.py'], 'python3 is a script that starts an interpreter'],
  ['another implementation', ['/pypy/python3', 'x.py'], 'python3 is not a plain CPython'],
  ['an option that is not for a zygote', ['python3', '-i', 'x.py'], 'python: -i'],
  ['a #! line with more than one flag', ['./two.py'], 'python: - '],
  ['a script that is its own interpreter', ['./loop'], 'too many #! lines'],
  ['a script whose interpreter is not there', ['./broken'], 'the interpreter of its #! line is not there'],
  ['an env of unknown rules', ['/other/env', 'python3', 'x.py'], 'env is not one whose rules are known'],
  ['an option of env', ['/usr/bin/env', '-C', '/', 'python3', 'x.py'], 'env: -C'],
  ['env with another program', ['/usr/bin/env', 'cat', 'x.py'], ''],
  ['env with no program', ['/usr/bin/env', 'nothing'], 'env: no such program'],
  ['a shell script', ['./run.sh'], ''],
  ['another program', ['cat', 'f'], ''],
  ['nothing of that name', ['nothing'], ''],
])('%s goes through exec', (_name, argv, reason) => {
  expect(run(argv)).toMatchObject({ kind: 'exec', argv, env: ENV, reason });
});

test.each([
  ['an interpreter', ['./direct.py', 'a'], ['/bin/python3', '-u', './direct.py', 'a'], '/bin/python3'],
  ['a script', ['./script.py'], ['/bin/python3', '-u', '/project/direct.py', './script.py'], '/bin/python3'],
  ['env', ['./guard.py', 'a'], ['python3', './guard.py', 'a'], '/bin/python3'],
  ['env for Node', ['./hook.js', 'a'], ['node', './hook.js', 'a'], '/bin/node'],
])('a script whose #! line names %s: a warm interpreter', (_name, argv, warmArgv, interpreter) => {
  const fallback = { path: argv[0], argv, env: ENV };
  expect(run(argv)).toMatchObject({ kind: 'interpreter', interpreter, argv: warmArgv, env: ENV, fallback });
});

test('a #! line that changes the environment: so does the warm interpreter, and exec is left to do it itself', () => {
  const env = ['GONE=1', ...ENV];
  expect(run(['./split.py'], env)).toMatchObject({
    argv: ['python3', '-B', './split.py'],
    env: [...ENV, 'ADDED=1'],
    fallback: { path: './split.py', argv: ['./split.py'], env },
  });
});

test('env as a command: a warm interpreter, found on the PATH that env gives it', () => {
  expect(run(['/usr/bin/env', 'PATH=/project/.venv/bin', 'python', 'x.py'])).toMatchObject({
    interpreter: '/project/.venv/bin/python',
    argv: ['python', 'x.py'],
    env: ['PATH=/project/.venv/bin', ...ENV.slice(1)],
  });
});

test('env where signals are ignored: exec, since it may not pass them on', () => {
  const call = callOf(['./guard.py'], ENV, CWD);
  call.inherited.writeBigUInt64LE(1n << 12n, 8);
  expect(plan(call, facts)).toMatchObject({ kind: 'exec', reason: 'env, and signals are ignored' });
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
