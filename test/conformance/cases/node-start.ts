/** How a Node hook is started: flags, variables, names, and what it inherits. */
import { expect } from 'vitest';
import { source } from '../../lib/source.js';
import type { HookCase } from '../case.js';
import { module, NODE, script } from './node-hook.js';

const MAPPED = source`
  "use strict";
  function check(input) {
    throw new Error("no " + input);
  }
  check("rm");
`;
/** hook.ts of five lines, the generated ones shifted by two. */
const SOURCE_MAP = {
  version: 3,
  file: 'hook.js',
  sources: ['hook.ts'],
  sourcesContent: [
    '// a comment\n// and another\n"use strict";\nfunction check(input: string) {\n  throw new Error("no " + input);\n}\ncheck("rm");\n',
  ],
  names: [],
  mappings: 'AAEA;AACA;EACE;AACF;AACA',
};
const MAP_URL = `data:application/json;base64,${Buffer.from(JSON.stringify(SOURCE_MAP)).toString('base64')}`;
const mapped = [MAPPED, '//# source', `MappingURL=${MAP_URL}\n`].join(''); // in one word it would be this file's own

export const nodeStart: HookCase[] = [
  script(
    'argv0, execPath, execArgv, argv, title, the main module',
    source`
      console.log(process.argv0, process.execPath, process.execArgv, process.argv, process.title);
      console.log(require.main === module, module.id, module.parent, module.loaded, require('fs').readFileSync('/proc/self/comm', 'utf8'));
      console.log(process.version, process.versions.modules, process.arch, process.release.name, process.config.variables.napi_build_version);
    `,
    { exitCode: 0, stdout: expect.stringMatching(/^.*node .*node \[\] \[\n/) },
    { command: [NODE, 'hook.js', '--flag', 'two words', '', "it's", '--', '-e'] },
  ),
  script(
    'node by its name, found on PATH',
    'console.log(process.argv0, process.execPath, process.title);\n',
    { exitCode: 0, stdout: `node ${NODE} node\n` },
    { command: ['node', 'hook.js'], env: [`PATH=${NODE.slice(0, NODE.lastIndexOf('/'))}:/usr/bin:/bin`] },
  ),
  script(
    'a title of its own',
    source`
      process.title = 'guard';
      console.log(process.title, require('fs').readFileSync('/proc/self/comm', 'utf8').trim());
      console.log(require('child_process').execFileSync(process.execPath, ['-p', 'process.title']).toString());
    `,
    { exitCode: 0, stdout: expect.stringMatching(/^guard /) },
  ),
  script(
    'a text that is a module',
    '',
    { exitCode: 0, stdout: "true [ 'x' ] string\n" },
    {
      command: [
        ...[NODE, '--input-type=module', '-e'],
        "import { sep } from 'node:path'; await 1; console.log(sep === '/', process.argv.slice(1), typeof import.meta.url);",
        'x',
      ],
    },
  ),
  script(
    'a text that throws',
    '',
    { exitCode: 1, stderr: expect.stringContaining('[eval]:1') },
    { command: [NODE, '-e', "throw new RangeError('too far')"] },
  ),
  script(
    'a text to be printed',
    '',
    { exitCode: 0, stdout: "{ name: 'x', cwd: true }\n" },
    { command: [NODE, '-p', '({ name: process.argv[1], cwd: process.cwd() === module.paths[0].slice(0, -13) })', 'x'] },
  ),
  script(
    'a text with the input of a hook',
    '',
    { exitCode: 2, stdout: 'Bash\n' },
    {
      command: [NODE, '-e', 'console.log(JSON.parse(fs.readFileSync(0)).tool); process.exitCode = 2'],
      stdin: '{"tool": "Bash"}',
    },
  ),
  script(
    'modules loaded before the script',
    "console.log('main', globalThis.first, globalThis.second, process.execArgv, Object.keys(require.cache).length);\n",
    { exitCode: 0, stdout: expect.stringContaining('main 1 2') },
    {
      command: [NODE, '-r', './first.js', '--require=dep', '--import', './second.mjs', 'hook.js'],
      files: {
        'first.js': 'globalThis.first = 1; console.log(process.argv, module.parent.id, require.main);\n',
        'node_modules/dep/index.js': "console.log('dep', __filename);\n",
        'second.mjs': 'await 1;\nglobalThis.second = 2;\n',
      },
    },
  ),
  script(
    'a module to be loaded before that is not there',
    "console.log('never');\n",
    { exitCode: 1, stdout: '', stderr: expect.stringContaining("Cannot find module './none.js'") },
    { command: [NODE, '-r', './none.js', 'hook.js'] },
  ),
  script(
    'NODE_OPTIONS',
    "process.emitWarning('unheard'); console.log(process.execArgv, process.env.NODE_OPTIONS, new Error('x').stack);\n",
    { exitCode: 0, stderr: '', stdout: expect.stringContaining('--stack-trace-limit=1') },
    { env: ['NODE_OPTIONS=--no-warnings --stack-trace-limit=1 --max-old-space-size=300'] },
  ),
  script(
    'NODE_OPTIONS that Node refuses',
    "console.log('never');\n",
    { exitCode: 9, stderr: expect.stringContaining('is not allowed in NODE_OPTIONS') },
    {
      env: ['NODE_OPTIONS=--expose-gc --eval=1'],
      exec: { forms: ['run', 'sh'], reason: 'a flag that parked processes are not started with' },
    },
  ),
  script(
    'NODE_PATH and NODE_NO_WARNINGS',
    "process.emitWarning('unheard'); console.log(require('lib'), require('module').globalPaths);\n",
    { exitCode: 0, stderr: '', stdout: expect.stringMatching(/^from the library /) },
    {
      env: ({ workspace }) => [`NODE_PATH=${workspace}/lib`, 'NODE_NO_WARNINGS=1'],
      files: { 'lib/lib.js': "module.exports = 'from the library';\n" },
    },
  ),
  script(
    'source maps',
    mapped,
    { exitCode: 1, stderr: expect.stringContaining('hook.ts:5:') },
    { command: [NODE, '--enable-source-maps', 'hook.js'] },
  ),
  script('source maps, not asked for', mapped, { exitCode: 1, stderr: expect.stringContaining('hook.js:3') }),
  script(
    'conditions',
    "console.log(require('dep'));\n",
    { exitCode: 0, stdout: 'mine\n' },
    {
      command: [NODE, '-C', 'mine', 'hook.js'],
      files: {
        'node_modules/dep/package.json': '{"exports": {"mine": "./mine.js", "default": "./other.js"}}',
        'node_modules/dep/mine.js': "module.exports = 'mine';\n",
        'node_modules/dep/other.js': "module.exports = 'other';\n",
      },
    },
  ),
  script(
    'mask, folder, priority and limits of the caller',
    source`
      const { execSync } = require('child_process');
      console.log(process.umask(), process.cwd(), require('os').getPriority(), process.getgroups(), process.geteuid());
      console.log(execSync('ulimit -n; ulimit -f; ulimit -c; umask; pwd -P').toString());
      require('fs').writeFileSync('made', 'x');
    `,
    { exitCode: 0, stdout: expect.stringContaining('512\n') },
    { launch: { umask: 0o027, rlimits: { CORE: [0, 0], NOFILE: [256, 512], FSIZE: [1 << 22, 1 << 22] } } },
  ),
  script(
    'a folder that is gone',
    '',
    { stderr: expect.stringContaining('ENOENT') },
    {
      command: [NODE, '-e', 'console.log(1); process.cwd()'],
      launch: { deletedCwd: true },
      exec: { forms: ['run', 'sh'], reason: 'a folder that has no name' },
    },
  ),
  script(
    'time zone, language and numbers',
    source`
      const date = new Date(Date.UTC(2024, 6, 1, 12));
      console.log(date.toString(), date.toLocaleString(), Intl.DateTimeFormat().resolvedOptions().timeZone, date.getTimezoneOffset());
      console.log((1234567.891).toLocaleString(), (1234.5).toLocaleString('de-DE'), Intl.NumberFormat().resolvedOptions().locale);
      console.log(['z', 'ä', 'a'].sort(new Intl.Collator('sv').compare), 'I'.toLocaleLowerCase('tr'), new Intl.PluralRules('pl').select(3));
      process.env.TZ = 'Asia/Tokyo';
      console.log(new Date(0).toString());
    `,
    { exitCode: 0, stdout: expect.stringContaining('America/New_York') },
    { env: ['TZ=America/New_York', 'LC_ALL=fr_FR.UTF-8'] },
  ),
  script(
    'a program on stdin',
    '',
    { exitCode: 0, stdout: "- [ 'x' ]\n" },
    {
      command: [NODE, '-', 'x'],
      stdin: 'console.log(process.argv[1], process.argv.slice(2));\n',
      exec: { forms: ['run', 'sh'], reason: 'Node reads its program when it starts' },
    },
  ),
  script(
    'a script started by its #! line',
    '',
    { exitCode: 3, stdout: "[ 'x' ]\n" },
    {
      command: ['./guard', 'x'],
      env: [`PATH=${NODE.slice(0, NODE.lastIndexOf('/'))}:/usr/bin:/bin`],
      files: { guard: '#!/usr/bin/env node\nconsole.log(process.argv.slice(2)); process.exitCode = 3;\n' },
    },
  ),
  script(
    'a file of variables',
    'console.log(process.env.FROM_FILE);\n',
    { exitCode: 0, stdout: 'yes\n' },
    {
      command: [NODE, '--env-file=hook.env', 'hook.js'],
      files: { 'hook.env': 'FROM_FILE=yes\n' },
      exec: { forms: ['run', 'sh'], reason: 'read when Node starts' },
    },
  ),
  module(
    'a module under flags',
    "console.log(process.execArgv, new URL(import.meta.url).search === '');\n",
    { exitCode: 0, stdout: "[ '--no-deprecation', '--trace-uncaught' ] true\n" },
    { command: [NODE, '--no-deprecation', '--trace-uncaught', './hook.mjs'] },
  ),
];
