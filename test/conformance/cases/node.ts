/** Node hooks. What a parked Node looks like to its hook is compared at length by node_worker_test.py; here, that the whole
 *  path from the client to the process and back keeps it. */
import { expect } from 'vitest';
import { source } from '../../lib/source.js';
import type { HookCase } from '../case.js';
import { module, NODE, script } from './node-hook.js';

const INPUT = '{"tool_name": "Bash", "tool_input": {"command": "ls -l"}}';
const SIGTERM = 15;

export const nodeHooks: HookCase[] = [
  script(
    'a guard that reads its input at once',
    source`
      const input = JSON.parse(require('fs').readFileSync(0, 'utf8'));
      if (/\brm\b/.test(input.tool_input.command)) process.exit(2);
      console.log(JSON.stringify({ decision: 'approve', tool: input.tool_name }));
    `,
    { exitCode: 0, stdout: '{"decision":"approve","tool":"Bash"}\n', stderr: '' },
    { stdin: INPUT },
  ),
  script(
    'a guard that blocks',
    source`
      let text = '';
      process.stdin.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => {
        console.error('not', JSON.parse(text).tool_name);
        process.exit(2);
      });
    `,
    { exitCode: 2, stdout: '', stderr: 'not Bash\n' },
    { stdin: INPUT },
  ),
  module(
    'a module with a sibling and top-level await',
    source`
      import { readFile } from 'node:fs/promises';
      import { kind } from './sibling.mjs';
      console.log(kind, import.meta.url.endsWith('/hook.mjs'), (await readFile('hook.mjs', 'utf8')).length > 0);
    `,
    { exitCode: 0, stdout: 'sibling true true\n' },
    { files: { 'sibling.mjs': "export const kind = 'sibling';\n" } },
  ),
  script(
    'arguments, folder, environment, mask, main module',
    source`
      console.log(process.argv, process.argv0, process.execArgv, process.cwd(), __filename, require.main === module);
      console.log(process.env, process.umask(), module.paths, Object.keys(require.cache));
      console.log(require('child_process').execSync('env; pwd; umask').toString());
    `,
    { exitCode: 0, stdout: expect.stringContaining('HOOK_VAR') },
    {
      command: [NODE, './hook.js', 'a', '', '--b'],
      env: ['HOOK_VAR=1', 'EMPTY=', 'ODD=\xff'],
      launch: { umask: 0o077 },
    },
  ),
  script('an exception', "function f() {\n  throw new TypeError('wrong');\n}\nf();\n", {
    exitCode: 1,
    stderr: expect.stringContaining('TypeError: wrong'),
  }),
  module('a rejection', "await Promise.reject(new Error('no'));\n", {
    exitCode: 1,
    stderr: expect.stringContaining('no'),
  }),
  module('an await that never settles', 'await new Promise(() => {});\n', { exitCode: 13 }),
  script('exit handlers', "process.on('exit', (code) => { console.log('last', code); process.exitCode = 7; });\n", {
    exitCode: 7,
    stdout: 'last 0\n',
  }),
  script('much output', "process.stdout.write('x'.repeat(1 << 20) + 'end');\n", { exitCode: 0 }),
  script('a death by signal', "process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);\n", {
    diesOf: SIGTERM,
  }),
  script(
    'a script that is not there',
    '',
    { exitCode: 1, stderr: expect.stringContaining('Cannot find module') },
    { command: [NODE, 'absent.js'] },
  ),
  script('a script that does not parse', 'let = ;\n', { exitCode: 1, stderr: expect.stringContaining('SyntaxError') }),
  script(
    'flags and a preloaded module',
    'console.log(process.execArgv, globalThis.preloaded); process.emitWarning("unheard");\n',
    { exitCode: 0, stderr: '', stdout: expect.stringContaining("'--no-warnings'") },
    {
      command: [NODE, '--no-warnings', '-r', './preload.js', 'hook.js'],
      files: { 'preload.js': 'globalThis.preloaded = process.argv.length;\n' },
    },
  ),
  script(
    'a text',
    '',
    { exitCode: 0, stdout: "a [ '-e', 'console.log(process.argv[1], process.execArgv)' ]\n" },
    { command: [NODE, '-e', 'console.log(process.argv[1], process.execArgv)', 'a'] },
  ),
  script(
    'a worker thread and a forked child',
    source`
      const { Worker } = require('worker_threads');
      new Worker('console.log(process.execArgv, Object.keys(require.cache))', { eval: true }).on('exit', (code) => {
        require('child_process').fork('./child.js', ['x']).on('exit', (status) => console.log(code, status));
      });
    `,
    { exitCode: 0, stdout: "[] []\n[ 'x' ] []\n0 3\n" },
    { files: { 'child.js': 'console.log(process.argv.slice(2), process.execArgv); process.exitCode = 3;\n' } },
  ),
  script(
    'the package of the script',
    "import fs from 'fs'; console.log(typeof fs, typeof require);\n",
    {
      exitCode: 0,
      stdout: 'object undefined\n',
    },
    { files: { 'package.json': '{"type": "module"}' } },
  ),
  script(
    'a file left by a child that goes on',
    source`
      const child = require('child_process').spawn('/bin/sh', ['-c', 'sleep 0.2; echo late > late.new; mv late.new late.txt'],
        { detached: true, stdio: 'ignore' });
      child.unref();
      console.log('early');
    `,
    { exitCode: 0, stdout: 'early\n' },
    { awaitFile: 'late.txt' },
  ),
  script(
    'a flag that speaks at the start',
    'console.log(process.execArgv); process.exit(4);\n',
    { exitCode: 4, stdout: "[ '--pending-deprecation' ]\n" },
    {
      command: [NODE, '--pending-deprecation', 'hook.js'],
      exec: { forms: ['run', 'sh'], reason: 'a parked process would say it at another moment' },
    },
  ),
];
