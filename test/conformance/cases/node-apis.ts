/** Parts of Node that a parked process could have disturbed. */
import { expect } from 'vitest';
import { source } from '../../lib/source.js';
import type { HookCase } from '../case.js';
import { module, script } from './node-hook.js';

export const nodeApis: HookCase[] = [
  script(
    'clocks and performance entries',
    source`
      const { performance, PerformanceObserver } = require('perf_hooks');
      const drift = performance.timeOrigin + performance.now() - Date.now();
      console.log(Math.abs(drift) < 1000, process.uptime() > 0, process.hrtime.bigint() > 0n, performance.getEntries().length);
      new PerformanceObserver((list) => console.log(list.getEntries().map(({ name, entryType }) => [name, entryType])))
        .observe({ entryTypes: ['mark', 'measure'] });
      performance.mark('a');
      performance.measure('b', 'a');
      console.log(Object.keys(performance.toJSON()), performance.nodeTiming.name, typeof performance.eventLoopUtilization().idle);
    `,
    { exitCode: 0, stdout: expect.stringContaining("[ 'b', 'measure' ]") },
  ),
  module(
    'AbortSignal.timeout',
    source`
      import { setTimeout as sleep } from 'node:timers/promises';
      await sleep(10_000, null, { signal: AbortSignal.timeout(5) }).catch((error) => console.log(error.name, error.cause?.name));
      const signal = AbortSignal.any([AbortSignal.abort('why'), AbortSignal.timeout(1)]);
      console.log(signal.aborted, signal.reason);
      AbortSignal.timeout(60_000);
    `,
    { exitCode: 0, stdout: 'AbortError TimeoutError\ntrue why\n' },
  ),
  script(
    'node:test',
    source`
      const write = process.stdout.write;
      process.stdout.write = (text, ...rest) => write.call(process.stdout, String(text).replace(/[\d.]+ ?ms|duration_ms:? [\d.]+/g, 'TIME'), ...rest);
      const { test, describe, it } = require('node:test');
      test('one that passes', () => {});
      describe('a suite', () => { it('one that is skipped', { skip: 'why' }, () => {}); it('awaits', async () => { await 1; }); });
    `,
    { exitCode: 0, stdout: expect.stringContaining('one that passes') },
  ),
  script(
    'async hooks',
    source`
      const { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId, triggerAsyncId } = require('async_hooks');
      const log = (...words) => require('fs').writeSync(1, words.join(' ') + '\n');
      createHook({ init: (id, type, trigger) => log('init', id, type, trigger), destroy: (id) => log('destroy', id) }).enable();
      log(executionAsyncId(), triggerAsyncId(), new AsyncResource('mine').asyncId());
      const storage = new AsyncLocalStorage();
      storage.run('kept', () => setTimeout(() => log(storage.getStore(), executionAsyncId(), triggerAsyncId()), 1));
    `,
    { exitCode: 0, stdout: expect.stringContaining('init') },
  ),
  script(
    'diagnostics channels',
    source`
      const channels = require('diagnostics_channel');
      console.log(channels.hasSubscribers('mine'));
      channels.subscribe('mine', (message, name) => console.log(message, name));
      channels.channel('mine').publish({ a: 1 });
      channels.tracingChannel('work').traceSync((x) => console.log('in', x), { id: 1 }, undefined, 'argument');
    `,
    { exitCode: 0, stdout: 'false\n{ a: 1 } mine\nin argument\n' },
  ),
  script(
    'no inspector but one of its own',
    source`
      const inspector = require('inspector');
      console.log(inspector.url(), process.debugPort, process.execArgv);
      const session = new inspector.Session();
      session.connect();
      session.post('Runtime.evaluate', { expression: 'typeof collect' }, (error, { result }) => console.log(error, result));
      session.disconnect();
    `,
    { exitCode: 0, stdout: expect.stringMatching(/^undefined 9229 \[\]\nnull .*undefined/) },
  ),
  script(
    'process.binding',
    source`
      console.log(Object.keys(process.binding('natives')).sort().slice(0, 20), Object.keys(process.binding('config')));
      console.log(Object.keys(process.binding('constants')), process.binding('util') !== undefined);
      try { process.binding('none'); } catch (error) { console.log(error.code, error.message); }
    `,
    { exitCode: 0, stdout: expect.stringContaining('No such module: none') },
  ),
  script(
    'a report of the process',
    source`
      const report = process.report.getReport();
      console.log(Object.keys(report), report.header.cwd, report.header.event, report.header.trigger, report.javascriptStack.message);
      console.log(report.environmentVariables.REPORTED, report.userLimits.core_file_size_blocks);
      console.log(process.report.directory, process.report.reportOnFatalError, report.workers.length);
    `,
    { exitCode: 0, stdout: expect.stringContaining('yes') },
    { env: ['REPORTED=yes'] },
  ),
  script(
    'globals and what they are made of',
    source`
      console.log(Reflect.ownKeys(globalThis), Object.keys(globalThis));
      console.log(Object.getOwnPropertyNames(process).sort(), process.eventNames(), process.getActiveResourcesInfo());
      console.log(Object.getOwnPropertyNames(Module = module.constructor), require('module').builtinModules.length, Object.keys(require.extensions));
      console.log(RegExp.lastMatch, RegExp.$1, Error.stackTraceLimit, Object.getOwnPropertyNames(Error), Symbol.keyFor(Symbol.for('nodejs.util.inspect.custom')));
    `,
    { exitCode: 0, stdout: expect.stringContaining("'globalThis'") },
  ),
  script(
    'descriptors',
    source`
      const fs = require('fs');
      console.log(fs.openSync('/dev/null'), fs.openSync('/dev/null'), fs.readdirSync('/proc/self/fd').length);
      console.log(process.stdin.fd, process.stdout.fd, process.stderr.fd, fs.openSync('/dev/null'));
      console.log(require('child_process').execFileSync('/bin/sh', ['-c', 'ls /proc/self/fd | wc -l']).toString());
    `,
    { exitCode: 0, stdout: expect.stringContaining('0 1 2') },
  ),
  script(
    'children: their folder, environment, descriptors, and their ends',
    source`
      const { exec, execFileSync, spawn, spawnSync } = require('child_process');
      console.log(execFileSync(process.execPath, ['-p', '[process.argv, process.execArgv, process.cwd()]']).toString());
      console.log(spawnSync('sh', ['-c', 'echo $HOOK_VAR; kill -9 $$'], { env: { ...process.env, HOOK_VAR: 'own' } }).signal);
      console.log(spawnSync('/absent').error.code);
      exec('exit 7', (error) => {
        console.log(error.code, error.message);
        spawn('sh', ['-c', 'echo three >&3'], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] }).stdio[3]
          .on('data', (part) => console.log(String(part)));
      });
    `,
    { exitCode: 0, stdout: expect.stringContaining('SIGKILL') },
  ),
  module(
    'a worker thread of a module, and what it is given',
    source`
      import { Worker } from 'node:worker_threads';
      const worker = new Worker(new URL('./thread.mjs', import.meta.url), { workerData: { a: 1 }, argv: ['x'], env: { ONLY: '1' } });
      worker.on('message', (message) => console.log(message));
      worker.on('exit', (code) => console.log('exit', code));
      worker.on('error', (error) => console.log('error', error.message));
    `,
    { exitCode: 0, stdout: expect.stringContaining('error thrown') },
    {
      files: {
        'thread.mjs': source`
          import { parentPort, threadId, workerData } from 'node:worker_threads';
          parentPort.postMessage([threadId, workerData, process.argv.slice(2), process.execArgv, process.env]);
          setTimeout(() => { throw new Error('thrown'); }, 5);
        `,
      },
    },
  ),
  script(
    'vm, structuredClone, and the web',
    source`
      const vm = require('vm');
      console.log(vm.runInNewContext('[typeof process, typeof console, 1 + x]', { x: 2 }), structuredClone(new Map([[1, { a: new Date(0) }]])));
      try { vm.runInThisContext('throw new Error("there")', 'there.js'); } catch (error) { console.log(error.stack.split('\n')[1]); }
      console.log(new URL('../x?y#z', 'http://a/b/c').href, btoa('text'), typeof fetch, typeof crypto.subtle, new Intl.Segmenter().resolvedOptions().locale);
      crypto.subtle.digest('SHA-256', new TextEncoder().encode('x')).then((hash) => console.log(Buffer.from(hash).toString('hex').slice(0, 8)));
    `,
    { exitCode: 0, stdout: expect.stringContaining('2d711642') },
  ),
  script(
    'warnings and deprecations',
    source`
      process.on('warning', ({ name, code, message }) => console.log(name, code, message));
      process.emitWarning('careful', { type: 'Mine', code: 'M1', detail: 'more' });
      require('util').deprecate(() => {}, 'old', 'DEP_MINE')();
      new Buffer(1);
    `,
    { exitCode: 0, stdout: expect.stringContaining('Mine M1 careful') },
    { env: ['NODE_NO_WARNINGS=1'] },
  ),
];
