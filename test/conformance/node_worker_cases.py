"""Small programs whose answer must be the same directly and from a parked Node process. Files are written into a fresh
folder, which is the cwd."""

SCRIPT, COMMAND = 1, 2


class Case:
    """`program`: text of hook.js, or of the file that `arguments` begin with. `flags` come before the script."""

    def __init__(self, name, program=None, arguments=None, mode=SCRIPT, files=None, flags=(), env=None, stdin=b"",
                 merged=False, declined=False, since=20, until=99, close_stdout_after=None, ignored_signals=(), limits=None,
                 shows=b""):
        self.name, self.mode, self.flags, self.env, self.stdin = name, mode, list(flags), dict(env or {}), stdin
        self.arguments = (["hook.js"] if mode == SCRIPT else []) if arguments is None else arguments
        self.files = dict(files or {})
        if program is not None:
            self.files[self.arguments[0]] = program
        self.merged, self.declined, self.since, self.until = merged, declined, since, until
        self.close_stdout_after, self.ignored_signals, self.limits, self.shows = close_stdout_after, ignored_signals, limits, shows


STATE = r"""
const show = (name, value) => console.log(name, require('util').inspect(value, { depth: 4 }));
for (const name of ['argv', 'argv0', 'execArgv', 'execPath', 'title', 'exitCode', 'version', '_eval', '_preload_modules',
  'debugPort', 'noDeprecation', '_events', '_eventsCount', '_maxListeners', '_exiting', 'domain', 'connected', 'send',
  'traceDeprecation', 'throwDeprecation', 'noProcessWarnings'])
  show(name, process[name]);
show('process keys', Object.getOwnPropertyNames(process));
show('process descriptors', Object.entries(Object.getOwnPropertyDescriptors(process))
  .map(([key, d]) => [key, d.enumerable, d.configurable, d.writable, typeof d.get].join()));
show('globals', Reflect.ownKeys(globalThis));
show('cwd', process.cwd()); show('umask', process.umask());
show('env', Object.entries(process.env));
show('cache', Object.keys(require.cache)); show('paths', module.paths);
const Module = require('module');
show('module', [module.id, module.parent, module.children, module.loaded, require.main === module, __filename, __dirname]);
show('_pathCache', Object.entries(Module._pathCache)); show('globalPaths', Module.globalPaths);
show('extensions', Object.keys(require.extensions)); show('builtins', Module.builtinModules);
show('handles', [process._getActiveHandles().length, process._getActiveRequests().length, process.getActiveResourcesInfo?.()]);
show('listeners', process.eventNames().map((name) => [name, process.listeners(name)]));
show('streams', [process.stdout, process.stderr, process.stdin].map((s) => [s.fd, s.isTTY, s._type, s.constructor.name,
  s.writableHighWaterMark, s.readableHighWaterMark, s._handle?.constructor.name]));
show('stack', [Error.stackTraceLimit, Object.getOwnPropertyNames(Error), new Error('here').stack]);
show('fds', require('fs').readdirSync('/proc/self/fd').map((fd) => {
  try { return fd + ' ' + require('fs').readlinkSync('/proc/self/fd/' + fd).replace(/\d{3,}/, 'N'); } catch { return fd; } }));
show('opened', require('fs').openSync('/dev/null'));
show('limits', require('fs').readFileSync('/proc/self/limits', 'latin1'));
show('signals', require('fs').readFileSync('/proc/self/status', 'latin1').match(/^(Shd|Sig(Blk|Ign|Cgt)|NoNewPrivs|Seccomp|Cap.*):.*/gm));
show('async', [require('async_hooks').executionAsyncId(), require('async_hooks').triggerAsyncId(),
  new (require('async_hooks').AsyncResource)('x').asyncId()]);
setTimeout(() => show('async later', [require('async_hooks').executionAsyncId(), require('async_hooks').triggerAsyncId()]), 1);
show('intl', [Intl.DateTimeFormat().resolvedOptions().timeZone, new Date(0).toString(), (1e6).toLocaleString(), Intl.NumberFormat().resolvedOptions().locale]);
show('uptime', process.uptime() > 0 && performance.now() > 0 && Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 1e3);
show('session', require('child_process').execFileSync('/bin/sh', ['-c', 'ulimit -a; umask; echo $0; ls -l /proc/self/fd | wc -l']).toString());
show('heap', [require('v8').getHeapStatistics().heap_size_limit, require('v8').cachedDataVersionTag()]);
show('regexp', [RegExp.$1, RegExp.lastMatch, RegExp.input]);
"""

ESM_STATE = r"""
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import './side.mjs';
import data, { named } from './data.cjs';
console.log(import.meta.url, import.meta.dirname, import.meta.filename, Object.keys(import.meta), import.meta.resolve?.('./x.js'));
console.log(process.argv, process.execArgv, data, named, typeof require, typeof module, this);
console.log(Object.keys(createRequire(import.meta.url).cache));
console.log(new Error('here').stack);
console.log((await import('./later.mjs')).default, Reflect.ownKeys(globalThis).length);
try { await import('./absent.mjs'); } catch (error) { console.log(error.code, error.message, error.stack); }
try { await import('absent-package'); } catch (error) { console.log(error.code, error.message); }
"""
ESM_FILES = {"side.mjs": "console.log('side', import.meta.url)", "data.cjs": "exports.named = 1; exports.other = __filename",
             "later.mjs": "export default 'later'"}

# One line each: how a program ends.
ENDINGS = [
    "process.exit(3)", "process.exitCode = 4", "process.exitCode = 300", "process.exit(-1)", "process.exit('5')", "process.reallyExit(6)",
    "process.on('exit', (code) => { console.log('exit', code); process.exitCode = 9; })",
    "process.on('exit', (code) => { console.log('exit', code); process.exit(8); })",
    "process.on('exit', () => { throw new Error('in exit'); })",
    "process.on('exit', () => { Promise.resolve().then(() => console.log('micro')); process.nextTick(() => console.log('tick')); setTimeout(() => console.log('never')); })",
    "let n = 0; process.on('beforeExit', (code) => { console.log('before', code); if (n++ < 2) setTimeout(() => console.log('more'), 1); })",
    "process.on('beforeExit', () => { process.exitCode = 7; })",
    "throw new Error('thrown')", "throw 'text'", "throw null", "throw { a: 1 }", "throw Object.assign(new TypeError('with more'), { code: 'E', cause: new Error('why') })",
    "Promise.reject(new Error('rejected'))", "Promise.reject('text')", "Promise.reject(undefined)",
    "setTimeout(() => { throw new Error('later'); }, 1)", "setImmediate(() => null.x)", "process.nextTick(() => { undefinedName; })",
    "queueMicrotask(() => { throw new RangeError('micro'); })",
    "process.on('uncaughtException', (error, origin) => { console.log('caught', error.message, origin); process.exitCode = 5; }); throw new Error('x')",
    "process.on('unhandledRejection', (reason) => { console.log('caught', reason); }); Promise.reject(1)",
    "process.on('uncaughtException', () => { throw new Error('again'); }); throw new Error('x')",
    "process.on('warning', (w) => console.log(w.name)); process.emitWarning('careful', 'Mine', 'M001')",
    "process.emitWarning('careful'); process.emitWarning('old', 'DeprecationWarning', 'DEP0')", "new Buffer(1)", "require('punycode')",
    "process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 1000)", "process.kill(process.pid, 'SIGKILL')", "process.kill(process.pid, 'SIGINT'); setTimeout(() => {}, 1000)",
    "process.on('SIGTERM', (name, number) => { console.log(name, number); clearInterval(i); }); const i = setInterval(() => {}, 1000); process.kill(process.pid, 'SIGTERM')",
    "process.on('SIGINT', () => {}); process.kill(process.pid, 'SIGINT'); setTimeout(() => console.log('lived'), 20)",
    "process.kill(process.pid, 'SIGUSR2'); setTimeout(() => {}, 1000)", "process.kill(process.pid, 'SIGPIPE'); setTimeout(() => console.log('lived'), 20)", "process.abort()",
    "console.log('x'.repeat(60000)); process.exit(1)", "process.stdout.write('y'.repeat(1 << 20)); process.stderr.write('z'.repeat(1 << 18))",
    "process.stdout.write('a'); process.stdout.write('b', () => process.exit(2))", "process.stdout.end('bye'); process.stdout.on('finish', () => console.error('finished'))",
    "process.stdout.destroy(); console.log('lost')", "require('fs').closeSync(1); console.log('lost')", "console.log('a'); console.error('b'); console.table([{ a: 1 }]); console.trace('t'); console.assert(false, 'no'); console.dir({ a: 1 }); console.group('g'); console.log('in'); console.count()",
    "require('fs').writeFile('left.txt', 'x'.repeat(100000), () => {}); process.exit(0)", "require('fs').createWriteStream('left.txt').end('all of it')",
    "const w = require('fs').createWriteStream('left.txt'); w.write('x'); w.on('open', () => process.exit(0))", "setInterval(() => {}, 1000).unref()",
    "new FinalizationRegistry(() => console.log('never')).register({}, 1)", "const { AsyncLocalStorage } = require('async_hooks'); const s = new AsyncLocalStorage(); s.run(1, () => setTimeout(() => console.log(s.getStore()), 1))",
    "require('async_hooks').createHook({ init(id, type, trigger) { require('fs').writeSync(1, `${id} ${type} ${trigger}\\n`); } }).enable(); setTimeout(() => {}, 1)",
    "Error.prepareStackTrace = (e, frames) => frames.map(String).join('|'); console.log(new Error('x').stack)", "Error.stackTraceLimit = 100; throw new Error('deep')",
    "(function f() { f(); })()", "new Function('throw new Error(1)')()", "eval('throw new Error(1)')", "require('vm').runInNewContext('throw new Error(1)')",
    "JSON.parse('{bad')", "require('./absent')", "require('absent')", "require('node:absent')", "import('./absent.mjs')", "require('assert').strictEqual(1, 2)", "process.chdir('/absent')",
    "process.setUncaughtExceptionCaptureCallback((e) => console.log('captured', e.message)); throw new Error('x')",
    "const d = require('domain').create(); d.on('error', (e) => console.log('domain', e.message)); d.run(() => setTimeout(() => { throw new Error('x'); }, 1))",
    "process.emit = () => console.log('patched'); process.exit(1)", "process.reallyExit = (code) => console.log('patched', code)", "process.removeAllListeners('exit'); process.exitCode = 3",
    "console.log(process.listenerCount('exit'), process.hasUncaughtExceptionCaptureCallback(), process.exitCode)", "process.title = 'x'; console.log(process.title)",
    "console.log(require('fs').fstatSync(0).isFIFO(), require('fs').fstatSync(1).isFIFO(), require('tty').isatty(0))", "process.stdin.on('end', () => console.log('end')).resume()",
]

INPUTS = {
    "readFileSync(0)": "console.log(require('fs').readFileSync(0, 'utf8'))", "readFileSync('/dev/stdin')": "console.log(require('fs').readFileSync('/dev/stdin', 'utf8'))",
    "readSync": "const b = Buffer.alloc(4); let n; while ((n = require('fs').readSync(0, b))) console.log(n, b.toString('latin1', 0, n))",
    "flowing": "process.stdin.setEncoding('utf8'); process.stdin.on('data', (d) => console.log([d])).on('end', () => console.log('end')).on('close', () => console.log('close'))",
    "paused": "process.stdin.on('readable', () => { let c; while ((c = process.stdin.read(3))) console.log(String(c)); }).on('end', () => console.log('end'))",
    "async iterator": "(async () => { for await (const c of process.stdin) console.log(String(c)); console.log('end'); })()",
    "readline": "require('readline').createInterface({ input: process.stdin }).on('line', (l) => console.log([l])).on('close', () => console.log('closed'))",
    "not read": "console.log('x')", "read by a child": "console.log(require('child_process').execFileSync('/bin/cat', { stdio: ['inherit', 'pipe', 'inherit'] }).toString())",
    "begun and left": "process.stdin.once('data', (d) => { console.log(d.length > 0); process.exit(0); })", "pipe": "process.stdin.pipe(process.stdout)",
    "stream/consumers": "require('stream/consumers').json(process.stdin).then((v) => console.log(v))", "destroyed": "process.stdin.destroy(); console.log('x')",
}

WORKER = r"""
const { Worker, isMainThread, workerData } = require('worker_threads');
const state = (p) => [p.argv, p.execArgv, p._preload_modules, Object.keys(p), p.env.HOOK_VAR];
const text = `console.log('worker', Object.keys(require.cache), process.argv, process.execArgv, process._preload_modules, process.env.HOOK_VAR,
  Object.keys(process.env).length, process.cwd(), require.main, module.paths, new Error('x').stack); process.exitCode = 3; ${'$'}{MORE}`;
const run = (options, more = '') => new Promise((done) => new Worker(text.replace('${'$'}{MORE}', more), { eval: true, ...options })
  .on('exit', (code) => { console.log('exit', code); done(); }).on('error', (e) => console.log('error', e.message)));
(async () => {
  await run({}); await run({ argv: ['a'] }); await run({ execArgv: ['--no-warnings'] }); await run({ env: { HOOK_VAR: '2' } });
  await run({}, 'throw new Error("in worker")'); await run({ stdout: true }, 'process.exit(7)');
  await new Promise((done) => new Worker('./thread.js', { workerData: 5 }).on('message', (m) => console.log(m)).on('exit', done));
  await new Promise((done) => new Worker('./thread.mjs').on('message', (m) => console.log(m)).on('exit', done));
  new Worker('setInterval(() => {}, 1000)', { eval: true }).unref();
  process.exitCode = 6;
})();
"""
WORKER_FILES = {
    "thread.js": "const w = require('worker_threads'); w.parentPort.postMessage([w.workerData, __filename, Object.keys(require.cache), process.argv])",
    "thread.mjs": "import { parentPort } from 'node:worker_threads'; parentPort.postMessage([import.meta.url, process.execArgv])",
}

CHILDREN = r"""
const cp = require('child_process');
console.log(cp.execSync('echo $HOOK_VAR; env; pwd; umask').toString());
console.log(cp.spawnSync(process.execPath, ['child.js', 'a'], { encoding: 'utf8' }));
console.log(cp.spawnSync('absent-program').error.message);
const forked = cp.fork('./child.js', ['forked']);
forked.on('message', (m) => { console.log('message', m); forked.disconnect(); });
forked.on('exit', (code, signal) => { console.log('exit', code, signal);
  cp.exec('exit 3', (error, out, err) => { console.log(error.code, out, err);
    const kept = cp.spawn('sleep', ['5'], { detached: true, stdio: 'ignore' }); kept.unref(); process.kill(kept.pid); }); });
"""
CHILD_FILES = {"child.js": "console.log(process.argv, process.execArgv, process.connected, Object.keys(require.cache), process._preload_modules); process.send?.({ pid: 1 })"}

CASES = [
    Case("state", STATE, ["hook.js", "a", "", "--flag", b"b\xff".decode("utf-8", "surrogateescape"), "\u00e9"], shows=b"argv0"),
    Case("state, one pipe", STATE, merged=True), Case("state of a .cjs", STATE, ["hook.cjs"]), Case("state without extension", STATE, ["hook"]),
    Case("state under ./", STATE, ["./hook.js"]), Case("state by a longer path", STATE, ["sub/../hook.js"], files={"sub/x": ""}),
    Case("state by absolute path", STATE, ["{cwd}/hook.js"], files={"hook.js": STATE}), Case("name without its extension", None, ["hook"], files={"hook.js": STATE}),
    Case("folder with index.js", None, ["tool"], files={"tool/index.js": STATE}), Case("folder with package.json", None, ["."], files={"package.json": '{"main": "lib/run.js"}', "lib/run.js": STATE}),
    Case("JSON as script", None, ["x.json"], files={"x.json": '{"a": 1}'}), Case("odd script name", None, ["a b%20#?.js"], files={"a b%20#?.js": "console.log(__filename); throw new Error('x')"}),
    Case("environment: order, empty, odd bytes", "console.log(process.env, Object.keys(process.env)); delete process.env.B; process.env.NEW = 1; console.log(process.env.B, 'B' in process.env); console.log(require('child_process').execSync('env; cat /proc/self/environ').toString('latin1'))",
         env={"Z": "1", "B": "", "A": "x\udcff=y", "\u00e9": "\u00fc", "HOOK_VAR": "a\nb"}),
    Case("state of a module", ESM_STATE, ["hook.mjs", "a"], files=ESM_FILES), Case("state of a module by type", ESM_STATE, ["hook.js"], files={**ESM_FILES, "package.json": '{"type": "module"}'}),
    Case("module syntax without a type", "import fs from 'fs'; console.log(import.meta.url, typeof fs); await 1; throw new Error('x')", ["hook.js"]),
    Case("package: exports, imports, self reference, node_modules", None, files={
        "package.json": '{"name": "self", "exports": {".": "./me.js"}, "imports": {"#x": "./x.js"}}', "me.js": "module.exports = 'me'", "x.js": "module.exports = 'x'",
        "node_modules/dep/package.json": '{"exports": {"require": "./c.cjs", "import": "./m.mjs"}}', "node_modules/dep/c.cjs": "module.exports = __filename", "node_modules/dep/m.mjs": "export default import.meta.url",
        "data.json": '{"a": 1}', "hook.js": "console.log(require('self'), require('#x'), require('dep'), require('./data'), require('./data.json')); import('dep').then((m) => console.log(m.default)); console.log(Object.keys(require.cache), require.resolve.paths('x'), module.children.map((m) => m.id)); require('self/hidden')"}),
    Case("source map", "console.log(1);\nthrow new Error('mapped')\n//# sourceMappingURL=data:application/json,%7B%22version%22%3A3%2C%22sources%22%3A%5B%22a.ts%22%5D%2C%22names%22%3A%5B%5D%2C%22mappings%22%3A%22AAAA%3BAACA%22%7D", flags=["--enable-source-maps"]),
    Case("script that is not there", None, ["absent.js"]), Case("module that is not there", None, ["absent.mjs"]), Case("script in a folder that is not there", None, ["no/such/x.js"]),
    Case("syntax error", "let a = ;"), Case("syntax error of a module", "import { a from 'x'", ["hook.mjs"]), Case("syntax error in a dependency", "require('./dep')", files={"dep.js": "{"}),
    Case("import of a name that is not there", "import { absent } from 'fs'", ["hook.mjs"]), Case("import of a package that is not there", "import 'absent'", ["hook.mjs"]),
    Case("require in a module", "require('fs')", ["hook.mjs"]), Case("#! line", "#!/usr/bin/env node\nconsole.log(__filename); throw new Error('line 3')"), Case("byte order mark", "\ufeffconsole.log(1)"), Case("empty script", ""), Case("return at the top", "console.log(1); return; console.log(2)"),
    Case("symbolic link", None, ["link.js"], files={"link.js": "->sub/real.js", "sub/real.js": STATE, "sub/near.js": ""}), Case("symbolic link kept", None, ["link.js"], flags=["--preserve-symlinks", "--preserve-symlinks-main"], files={"link.js": "->sub/real.js", "sub/real.js": STATE}),
    Case("link to a module", None, ["link.mjs"], files={"link.mjs": "->sub/real.mjs", "sub/real.mjs": "console.log(import.meta.url, process.argv)"}), Case("loop of links", None, ["l.js"], files={"l.js": "->l.js"}),
    Case("top-level await that never settles", "await new Promise(() => {})", ["hook.mjs"]), Case("never settles, with a code", "process.exitCode = 4; await new Promise(() => {})", ["hook.mjs"]),
    Case("never settles, exit handler", "process.on('exit', (c) => console.log('exit', c)); await new Promise(() => {})", ["hook.mjs"]), Case("never settles in a dependency", "import './dep.mjs'", ["hook.mjs"], files={"dep.mjs": "await new Promise(() => {})"}),
    Case("dynamic import that never settles", "import('./dep.mjs').then(() => console.log('never'))", files={"dep.mjs": "await new Promise(() => {})"}),
    Case("await that takes its time", "await new Promise((done) => setTimeout(done, 20)); console.log('done'); process.exitCode = 2", ["hook.mjs"]),
    Case("module with a rejected import", "await import('./dep.mjs')", ["hook.mjs"], files={"dep.mjs": "throw new Error('dep')"}),
    Case("customization hooks", "import { register } from 'node:module'; register('./hooks.mjs', import.meta.url); console.log((await import('virtual:x')).default)", ["hook.mjs"],
         files={"hooks.mjs": "export async function resolve(s, c, n) { return s.startsWith('virtual:') ? { url: s, shortCircuit: true } : n(s, c); } export async function load(u, c, n) { return u.startsWith('virtual:') ? { format: 'module', source: 'export default 42', shortCircuit: true } : n(u, c); }"}),
    Case("-r", STATE, flags=["-r", "./pre.js"], files={"pre.js": "console.log('pre', module.parent.id, module.parent.children.map((m) => m.id), module.parent.paths, process.argv, process.execArgv, Object.keys(require.cache), process._preload_modules, require.main); globalThis.pre = 1"}),
    Case("-r of a package", "console.log(1)", flags=["-r", "dep", "--require=./pre.js"], files={"pre.js": "console.log('pre', process.cwd())", "node_modules/dep/index.js": "console.log(__filename)"}),
    Case("-r that is not there", "console.log(1)", flags=["-r", "./absent.js"]), Case("--import", STATE, flags=["--import", "./pre.mjs"], files={"pre.mjs": "console.log('pre', import.meta.url, process.argv, process.execArgv)"}),
    Case("--import before a module", ESM_STATE, ["hook.mjs"], flags=["--import=./pre.mjs"], files={**ESM_FILES, "pre.mjs": "console.log('pre'); await 1"}),
    Case("worker threads", WORKER.replace("${'$'}", "$"), files=WORKER_FILES, env={"HOOK_VAR": "1"}), Case("worker threads under -r", WORKER.replace("${'$'}", "$"), files={**WORKER_FILES, "pre.js": "console.log('pre', process.execArgv)"}, flags=["-r", "{cwd}/pre.js"]),
    Case("worker thread left running by process.exit", "new (require('worker_threads').Worker)('setInterval(() => {}, 9)', { eval: true }).on('online', () => process.exit(5))"),
    Case("process.exit in a worker thread", "new (require('worker_threads').Worker)('process.exit(5)', { eval: true }).on('exit', (c) => console.log(c))"),
    Case("children", CHILDREN, files=CHILD_FILES, env={"HOOK_VAR": "1"}), Case("children under flags", CHILDREN, files=CHILD_FILES, flags=["--no-warnings", "--stack-trace-limit=3"]),
    Case("cluster", "const c = require('cluster'); if (c.isPrimary) c.fork().on('exit', (code) => console.log(code, process.execArgv)); else { console.log(process.argv, process.execArgv); process.exit(2); }"),
    Case("stdout closed by its reader", "require('fs').readFileSync(0); process.stdout.on('error', (e) => { console.error(e.code); process.exitCode = 3; }); console.log('x'.repeat(10))", close_stdout_after=0),
    Case("stdout closed by its reader, unheard", "require('fs').readFileSync(0); console.log('x'.repeat(100000)); console.log('y')", close_stdout_after=0),
    Case("stdout closed by its reader, writeSync", "console.log('a'); require('fs').readFileSync(0); require('fs').writeSync(1, 'x')", close_stdout_after=2),
    Case("the script edits itself", "require('fs').writeFileSync(__filename, 'throw 1'); console.log('first'); delete require.cache[__filename]; require(__filename)"),
    Case("the script deletes itself", "require('fs').unlinkSync(__filename); console.log('first'); throw new Error('x')"), Case("the folder is deleted", "require('fs').rmSync(process.cwd(), { recursive: true }); console.log(process.cwd()); require('./x')"),
    Case("limits of the caller", STATE, limits={7: (100, 200), 6: (500, 600), 0: (50, 60)}),
    Case("ignored signals of the caller", STATE, ignored_signals=(1, 2, 10, 13, 15, 25, 34, 64)),
    Case("signals that posix_spawn leaves ignored", "console.log(process.setuid(process.getuid()))", ignored_signals=(32, 33)),
    Case("stack limit of the caller", "console.log(1)", limits={3: (1 << 20, 1 << 20)}, declined=True), Case("address space of the caller", "console.log(1)", limits={9: (1 << 36, 1 << 36)}, declined=True),
    Case("umask and chdir", "process.umask(0o77); process.chdir('/'); console.log(process.umask(), process.cwd(), require('path').resolve('x'))"),
    Case("-e", None, ["a", "b"], COMMAND, flags=["-e", STATE + "; console.log(__filename, module.id, typeof fs, process._eval.length)"]), Case("-e that throws", None, ["a"], COMMAND, flags=["-e", "throw new Error('x')"]),
    Case("-e of a module", None, [], COMMAND, flags=["--input-type=module", "-e", "import fs from 'fs'; console.log(import.meta.url, process.argv); await 1; throw new Error('x')"]),
    Case("-p", None, ["a"], COMMAND, flags=["-p", "process.argv.concat(process.execArgv)"]), Case("-pe", None, [], COMMAND, flags=["-pe", "[1, require('./x')]"], files={"x.js": "module.exports = __filename"}),
    Case("--eval=", None, [], COMMAND, flags=["--eval=console.log(process.argv, process.execArgv, require('./x'))"], files={"x.js": "module.exports = 1"}), Case("-e with stdin", None, [], COMMAND, flags=["-e", "process.stdin.pipe(process.stdout)"], stdin=b"in"),
    Case("-e that never settles", None, [], COMMAND, flags=["--input-type=module", "-e", "await new Promise(() => {})"]), Case("warnings traced", "process.emitWarning('careful'); new Buffer(1)", flags=["--trace-warnings"]),
    Case("deprecations traced", "new Buffer(1); require('util')._extend({}, {})", flags=["--trace-deprecation"]), Case("deprecations thrown", "new Buffer(1)", flags=["--throw-deprecation"]), Case("no deprecations", "new Buffer(1)", flags=["--no-deprecation"]),
    Case("rejections as warnings", "Promise.reject(new Error('x'))", flags=["--unhandled-rejections=warn"]), Case("heap size", "console.log(require('v8').getHeapStatistics().heap_size_limit)", flags=["--max-old-space-size=200"]),
    Case("custom condition", "console.log(require('dep'))", flags=["-C", "mine"], files={"node_modules/dep/package.json": '{"exports": {"mine": "./m.js", "default": "./d.js"}}', "node_modules/dep/m.js": "module.exports = 'mine'", "node_modules/dep/d.js": "module.exports = 'default'"}),
    Case("flag spelled twice", STATE, flags=["--no-warnings", "--no-warnings", "--trace-uncaught"]), Case("uncaught, traced", "throw new Error('x')", flags=["--trace-uncaught"]),
    Case("read of a TypeScript file", "const a: number = 1; console.log(a)", ["hook.ts"], since=24), Case("require of a module", "console.log(require('./dep.mjs'))", files={"dep.mjs": "export default 1"}),
    Case("fetch and web globals", "console.log(typeof fetch, typeof WebSocket, typeof crypto.subtle, structuredClone({ a: 1 }), new URL('http://x/y').href, typeof navigator); setTimeout(() => console.log(atob('aGk=')), 1)"),
    Case("server and client", "const s = require('http').createServer((q, r) => r.end('ok')).listen(0, '127.0.0.1', () => require('http').get({ port: s.address().port, host: '127.0.0.1' }, (r) => r.on('data', (d) => console.log(String(d))).on('end', () => s.close())))"),
    Case("name of a host", "require('dns').lookup('localhost', { family: 4 }, (e, a) => console.log(e, a))"), Case("crypto and zlib", "const c = require('crypto'); console.log(c.createHash('sha256').update('x').digest('hex'), require('zlib').gzipSync('x').length); c.randomBytes(4, (e, b) => console.log(b.length))"),
    Case("fs promises", "import { readFile, writeFile } from 'node:fs/promises'; await writeFile('left.txt', 'x'); console.log(await readFile('left.txt', 'utf8'))", ["hook.mjs"]),
    Case("timers in order", "setTimeout(() => console.log('t1'), 1); process.nextTick(() => console.log('n')); Promise.resolve().then(() => console.log('p')); setTimeout(() => console.log('t5'), 5); console.log('s')"),
    Case("performance marks", "performance.mark('a'); performance.measure('m', 'a'); console.log(performance.getEntriesByType('mark').length); new (require('perf_hooks').PerformanceObserver)((l) => console.log(l.getEntries().length)).observe({ entryTypes: ['mark'], buffered: true })"),
    Case("async stack", "const f = async () => { await 1; throw new Error('deep'); }; const g = async () => { await f(); }; await g()", ["hook.mjs"]),
    Case("module wrapper", "console.log(arguments.length, Object.keys(require), require('module').wrapper, (function () { return this === globalThis; })(), this === exports)"),
    Case("Module.runMain and _load patched by -r", "console.log('main', require('fs').patched)", flags=["-r", "./pre.js"], files={"pre.js": "const M = require('module'); const load = M._load; M._load = function (request, parent, isMain) { console.log('load', request.startsWith('/'), parent === null, isMain); return load.apply(this, arguments); }"}),
    Case("legacy process.binding", "console.log(Object.keys(process.binding('natives')).length > 0)"), Case("report", "const r = process.report.getReport(); console.log(Object.keys(r), r.header.cwd, r.header.event)"),
    Case("inspector of one's own", "const s = new (require('inspector').Session)(); s.connect(); s.post('Runtime.evaluate', { expression: '1+1' }, (e, r) => console.log(e, r)); s.disconnect(); console.log(require('inspector').url())"),
    Case("compile cache, natural end", "console.log(require('module').enableCompileCache('./cache.d')?.status); require('./dep')", files={"dep.js": "exports.a = () => 1"}, since=22),
    Case("compile cache, process.exit", "require('module').enableCompileCache('./cache.d'); require('./dep'); process.exit(3)", files={"dep.js": "exports.a = () => 1"}, since=22),
    Case("compile cache in a module", "import { enableCompileCache } from 'node:module'; enableCompileCache('./cache.d'); await import('./dep.mjs')", ["hook.mjs"], files={"dep.mjs": "export const a = 1"}, since=22),
    Case("profile of the process", "for (let i = 0; i < 1e5; i++) Math.sqrt(i); console.log(require('v8').getHeapSnapshot !== undefined)"),
    Case("a descriptor number", "const fs = require('fs'); console.log(1); console.log(fs.openSync('/dev/null'), fs.readdirSync('/proc/self/fd').length)"),
    Case("descriptors before any stream", "const fs = require('fs'); const fd = fs.openSync('/dev/null'); console.log(fd, fs.openSync('/dev/null'))"),
    Case("names of Module", "console.log(Object.getOwnPropertyNames(module.constructor), Object.keys(process.binding('natives')).length)"),
    Case("debugger that is not there", "debugger; console.log(1)"), Case("heap: a megabyte kept", "globalThis.kept = Array.from({ length: 1e5 }, (_, i) => ({ i })); console.log(kept.length)"),
]
for name, value in {"TZ": "Asia/Tokyo", "LC_ALL": "de_DE.UTF-8", "LANG": "C", "NODE_PATH": "{cwd}/lib", "NODE_NO_WARNINGS": "1", "FORCE_COLOR": "1", "NO_COLOR": "1",
                    "HOME": "/nonexistent", "NODE_OPTIONS": "--stack-trace-limit=2 --no-warnings", "UV_THREADPOOL_SIZE": "2", "TERM": "xterm-256color",
                    "NODE_EXTRA_CA_CERTS": "/etc/ssl/certs/ca-certificates.crt", "NODE_TLS_REJECT_UNAUTHORIZED": "0"}.items():
    CASES.append(Case("state under %s" % name, STATE + "; process.emitWarning('w'); require('lib-of-path')", env={name: value}, files={"lib/lib-of-path.js": "console.log('found')"}))
CASES += [Case("end: " + text, text) for text in ENDINGS]
CASES += [Case("end of a module: " + text, text, ["hook.mjs"]) for text in ENDINGS if "require" not in text]
CASES += [Case("input: " + name, text, stdin=b'{"a": [1, "\xc3\xa9"]}') for name, text in INPUTS.items()]
CASES += [Case("input of 300 KB: " + name, text, stdin=b'{"a": "' + b"x" * 60000 + b'"}') for name, text in INPUTS.items() if name not in ("readSync", "paused", "begun and left")]
CASES += [Case("no input: " + name, text) for name, text in INPUTS.items()]
