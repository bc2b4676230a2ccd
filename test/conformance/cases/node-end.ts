/** How a Node hook ends: by itself, by exit, by an error, by a signal, and with what still open. */
import { expect } from 'vitest';
import { source } from '../../lib/source.js';
import type { HookCase } from '../case.js';
import { module, NODE, script } from './node-hook.js';

const SIGABRT = 6;
const SIGKILL = 9;
const SIGUSR2 = 12;
const SIGSEGV = 11;

export const nodeEnd: HookCase[] = [
  script(
    'process.exit in an exit handler',
    "process.on('exit', (code) => { console.log('exit', code); process.exit(8); });\nprocess.exitCode = 3;\n",
    { exitCode: 8, stdout: 'exit 3\n' },
  ),
  script(
    'process.exit in handlers of errors',
    source`
      process.on('uncaughtException', (error, origin) => { console.log(error.message, origin); process.exit(6); });
      process.on('exit', (code) => console.log('exit', code, process.exitCode));
      setTimeout(() => { throw new Error('late'); }, 1);
    `,
    { exitCode: 6, stdout: 'late uncaughtException\nexit 6 6\n' },
  ),
  script(
    'process.exit in a beforeExit handler, in a tick and in a promise',
    source`
      process.on('beforeExit', (code) => {
        console.log('before', code);
        Promise.resolve().then(() => process.nextTick(() => process.exit(5)));
        setTimeout(() => console.log('never'), 100);
      });
    `,
    { exitCode: 5, stdout: 'before 0\n' },
  ),
  script(
    'beforeExit that finds more to do',
    source`
      let rounds = 0;
      process.on('beforeExit', (code) => {
        console.log('before', code);
        if (rounds++ < 2) setTimeout(() => { process.exitCode = rounds; }, 1);
      });
      process.on('exit', (code) => console.log('exit', code));
    `,
    { exitCode: 2, stdout: 'before 0\nbefore 1\nbefore 2\nexit 2\n' },
  ),
  script(
    'process.exitCode: set, unset, of an exit handler',
    source`
      process.exitCode = 9;
      process.exitCode = undefined;
      console.log(process.exitCode);
      process.once('exit', () => { process.exitCode = 42; });
    `,
    { exitCode: 42, stdout: 'undefined\n' },
  ),
  script('a process.exitCode that is none', "process.exitCode = 'many';\n", {
    exitCode: 1,
    stderr: expect.stringContaining('ERR_INVALID_ARG_TYPE'),
  }),
  script('an exit code beyond a byte', 'process.exitCode = 256 + 7;\n', { exitCode: 7 }),
  script(
    'an unhandled rejection',
    "Promise.reject(new TypeError('not kept'));\nsetTimeout(() => console.log('never'), 50);\n",
    {
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('TypeError: not kept'),
    },
  ),
  script('an unhandled rejection with no error', "Promise.reject({ reason: 'none' });\n", {
    exitCode: 1,
    stderr: expect.stringContaining('ERR_UNHANDLED_REJECTION'),
  }),
  script(
    'rejections, heard and handled late',
    source`
      process.on('unhandledRejection', (reason) => console.log('unhandled', reason));
      process.on('rejectionHandled', () => console.log('handled'));
      const promise = Promise.reject(7);
      setTimeout(() => promise.catch(() => {}), 5);
    `,
    { exitCode: 0, stdout: 'unhandled 7\nhandled\n' },
  ),
  script(
    'rejections as warnings that are not shown',
    "Promise.reject(new Error('x'));\nsetTimeout(() => console.log('lived'), 2);\n",
    { exitCode: 0, stdout: 'lived\n', stderr: '' },
    { command: [NODE, '--unhandled-rejections=none', 'hook.js'] },
  ),
  script(
    'an error with a cause and properties, out of a deep stack',
    source`
      class Blocked extends Error { name = 'Blocked'; }
      function deep(count) {
        if (count > 0) return deep(count - 1);
        throw Object.assign(new Blocked('no', { cause: new Error('because', { cause: 'a text' }) }), { code: 'E_BLOCKED', at: [1] });
      }
      deep(20);
    `,
    { exitCode: 1, stderr: expect.stringContaining("code: 'E_BLOCKED'") },
  ),
  script('something thrown that is no error', "throw { decision: 'block' };\n", {
    exitCode: 1,
    stderr: expect.stringContaining("{ decision: 'block' }"),
  }),
  script('several errors in one', "throw new AggregateError([new Error('a'), new Error('b')], 'both');\n", {
    exitCode: 1,
    stderr: expect.stringContaining('AggregateError: both'),
  }),
  module(
    'an error in an async stack',
    'const f = async () => { await 1; null.x; };\nconst g = async () => { await f(); };\nawait g();\n',
    {
      exitCode: 1,
      stderr: expect.stringContaining('at async g'),
    },
  ),
  module('a name that a module does not export', "import { none } from 'node:fs';\n", {
    exitCode: 1,
    stderr: expect.stringContaining("does not provide an export named 'none'"),
  }),
  script('an assertion that fails', "require('assert').deepStrictEqual({ a: [1, 2] }, { a: [1, 3] });\n", {
    exitCode: 1,
    stderr: expect.stringContaining('ERR_ASSERTION'),
  }),
  script('a stack without end', '(function again() { again(); })();\n', {
    exitCode: 1,
    stderr: expect.stringContaining('Maximum call stack size exceeded'),
  }),
  script(
    'a signal that is handled',
    source`
      process.on('SIGTERM', (name, number) => { console.log(name, number); clearInterval(timer); process.exitCode = 4; });
      const timer = setInterval(() => {}, 1000);
      process.kill(process.pid, 'SIGTERM');
    `,
    { exitCode: 4, stdout: 'SIGTERM 15\n' },
  ),
  script(
    'a death by SIGKILL',
    "console.log('said'); process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 1000);\n",
    {
      stdout: 'said\n',
      diesOf: SIGKILL,
    },
  ),
  script(
    'a death by SIGUSR2, in spite of exit handlers',
    "process.on('exit', () => console.log('never'));\nprocess.kill(process.pid, 'SIGUSR2'); setTimeout(() => {}, 1000);\n",
    {
      stdout: '',
      diesOf: SIGUSR2,
    },
  ),
  script('a death by SIGSEGV', "process.kill(process.pid, 'SIGSEGV'); setTimeout(() => {}, 1000);\n", {
    diesOf: SIGSEGV,
  }),
  script(
    'signals that do not end it',
    source`
      for (const name of ['SIGUSR1', 'SIGWINCH', 'SIGCONT', 'SIGPIPE', 'SIGHUP']) process.on(name, () => console.log(name));
      for (const name of ['SIGWINCH', 'SIGCONT', 'SIGHUP']) process.kill(process.pid, name);
      setTimeout(() => console.log('lived'), 20);
    `,
    { exitCode: 0, stdout: expect.stringContaining('lived') },
  ),
  script(
    'timers that keep it alive',
    source`
      // One leads to the next: their order must not be one of times, which a busy machine changes.
      const tick = () => { const interval = setInterval(() => { console.log('tick'); clearInterval(interval); }, 15); };
      const third = () => { console.log('third'); tick(); };
      const second = () => { console.log('second'); setTimeout(third, 25); };
      setImmediate(() => { console.log('first'); setTimeout(second, 5).ref(); });
    `,
    { exitCode: 0, stdout: 'first\nsecond\nthird\ntick\n' },
  ),
  script(
    'handles that do not',
    source`
      setInterval(() => console.log('never'), 10_000).unref();
      require('net').createServer().listen(0, '127.0.0.1').unref();
      require('child_process').spawn('sleep', ['0.3'], { stdio: 'ignore' }).unref();
      new (require('worker_threads').Worker)('setInterval(() => {}, 1000)', { eval: true }).unref();
      process.stdin.unref();
      process.on('exit', (code) => console.log('exit', code));
    `,
    { exitCode: 0, stdout: 'exit 0\n' },
  ),
  script(
    'open sockets and servers, then process.exit',
    source`
      const { connect, createServer } = require('net');
      const server = createServer((socket) => { socket.write('x'.repeat(1000)); }).listen(0, '127.0.0.1', () => {
        connect(server.address().port, '127.0.0.1').on('data', (part) => { console.log(part.length); process.exit(3); });
      });
    `,
    { exitCode: 3, stdout: '1000\n' },
  ),
  script(
    'an HTTP server that is closed',
    source`
      const http = require('http');
      const server = http.createServer((request, response) => response.end(request.url)).listen(0, '127.0.0.1', () => {
        http.get({ port: server.address().port, host: '127.0.0.1', path: '/asked', agent: false }, (response) => {
          response.setEncoding('utf8').on('data', (part) => console.log(part)).on('end', () => server.close());
        });
      });
    `,
    { exitCode: 0, stdout: '/asked\n' },
  ),
  script(
    'files still being written',
    source`
      const { createWriteStream, writeFile } = require('fs');
      createWriteStream('stream.txt').end('all of it');
      writeFile('later.txt', 'x'.repeat(100_000), () => console.log('written'));
    `,
    { exitCode: 0, stdout: 'written\n' },
  ),
  script(
    'what is left at exit: microtasks, ticks, timers',
    source`
      process.on('exit', () => {
        Promise.resolve().then(() => console.log('micro'));
        process.nextTick(() => console.log('tick'));
        setImmediate(() => console.log('never'));
        require('fs').writeSync(1, 'at once\n');
      });
      new FinalizationRegistry(() => console.log('never')).register({}, 1);
    `,
    { exitCode: 0, stdout: expect.stringContaining('at once\n') },
  ),
  script('process.abort', "require('fs').closeSync(2); process.abort();\n", { diesOf: SIGABRT }),
  script('process.reallyExit', "process.on('exit', () => console.log('never')); process.reallyExit(7);\n", {
    exitCode: 7,
    stdout: '',
  }),
];
