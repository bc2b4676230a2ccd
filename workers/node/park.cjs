// The first thing a parked Node runs, by --require: waits for an order and then leaves no trace of itself, so that Node
// goes on as if it had been started for that order. Node is given a script named `-hook`: one with a dash in front it does
// not look for, and takes the name that process.argv[1] has after the last --require.
'use strict';

const MODE_SCRIPT = 1;
const MODE_COMMAND = 2;
const NODE_MAJOR_MIN = 20;
// Of the promise of its entry point, see watchEnd; nor has it a cache of compiled code that it writes at its very end.
const LAST_MAJOR_WITHOUT_NOTE = 20;
const EXIT_UNSUITABLE = 78; // such processes cannot be kept for this Node, its flags and its variables
const OWN_FLAGS = 2; // --require and this file
const Module = module.constructor;
const { dirname, resolve } = require('node:path');

function nodeMajor() {
  return Number.parseInt(process.versions.node, 10);
}

/** Hides what this file has loaded, itself, and its place on the command line. */
function hide() {
  process.execArgv.splice(0, OWN_FLAGS);
  const property = Object.getOwnPropertyDescriptor(process, '_preload_modules');
  // Not spliced: Node is just walking through this array.
  if (property) Object.defineProperty(process, '_preload_modules', { ...property, value: property.value.slice(1) });
  for (const cache of [Module._cache, Module._pathCache]) {
    for (const key of Object.keys(cache)) delete cache[key]; // nothing is loaded before this file
  }
  module.parent.children.length = 0;
}

/** Lets the end of the event loop be the end of the process, see leave.h. False where this Node keeps its notes elsewhere. */
function watchEnd(native, { fields, kExitCode, kHasExitCode, internalBinding }) {
  if (fields === undefined || kExitCode === undefined || kHasExitCode === undefined) return false;
  const unsettled = new Int32Array(1);
  const symbol = internalBinding?.('util').privateSymbols?.entry_point_promise_private_symbol;
  const isLater = nodeMajor() > LAST_MAJOR_WITHOUT_NOTE;
  if (symbol === undefined && isLater) return false;
  const { then } = Promise.prototype;
  // Node's own note of the promise of an ES module that is the entry point; where Node has none, as in 20, it sets the
  // exit code instead.
  const set = (promise) => {
    unsettled[0] = 1;
    Object.defineProperty(globalThis, symbol, { value: promise, configurable: true, enumerable: true, writable: true });
    Reflect.apply(then, promise, [
      () => {
        unsettled[0] = 0;
      },
    ]);
  };
  if (symbol !== undefined) Object.defineProperty(globalThis, symbol, { configurable: true, set });
  return native.watchEnd(fields, kExitCode, kHasExitCode, unsettled, isLater) === true;
}

/** Node remembers which folders on the way to this file are no symbolic links. Should one have become one while we waited,
 *  a script below it would be looked for where it no longer is. */
function isStillInPlace() {
  const { lstatSync } = require('node:fs');
  for (let folder = __dirname; folder !== '/'; folder = dirname(folder)) {
    if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return false;
  }
  return true;
}

function isOrderFor(flags, { mode, programIndex, argv }) {
  if (mode !== (process._eval === undefined ? MODE_SCRIPT : MODE_COMMAND)) return false;
  if (programIndex !== flags.length + 1 || (mode === MODE_SCRIPT && argv.length <= programIndex)) return false;
  return flags.every((flag, index) => flag === argv[index + 1]);
}

/** Leaves no trace but that of having been quick. False where some of Node's internals were not found. */
function warmUp(native) {
  if (nodeMajor() < NODE_MAJOR_MIN) throw new Error(`Node ${process.versions.node}`);
  const exitCode = Object.getOwnPropertyDescriptor(process, 'exitCode').get;
  const { executionAsyncId } = require('node:async_hooks');
  const internals = require('./internals.cjs')(
    [exitCode, executionAsyncId],
    ['fields', 'kExitCode', 'kHasExitCode', 'internalBinding', 'async_id_fields', 'kAsyncIdCounter'],
  );
  const { async_id_fields: asyncIds, kAsyncIdCounter } = internals;
  const asyncId = asyncIds?.[kAsyncIdCounter];
  // With --import, the ES loader loads what the user names before anything else.
  require('./rehearse.cjs')(native, !process.execArgv.some((flag) => flag.startsWith('--import')));
  rehearseTaking();
  if (asyncId !== undefined) asyncIds[kAsyncIdCounter] = asyncId;
  return watchEnd(native, internals) && asyncId !== undefined;
}

/** Becomes what the order says; throws where it cannot. */
function take(become, order) {
  if (!isOrderFor(process.execArgv.slice(OWN_FLAGS), order) || !isStillInPlace()) throw new Error('another order');
  become();
  process.chdir('.'); // Node remembers the name of the folder until told
  const program = order.argv.slice(order.programIndex);
  if (order.mode === MODE_SCRIPT) program[0] = resolve(program[0]);
  process.argv.splice(1, Infinity, ...program);
  module.parent.paths = Module._nodeModulePaths(process.cwd());
}

/** An order that changes nothing. */
function rehearseTaking() {
  const flags = process.execArgv.slice(OWN_FLAGS);
  const mode = process._eval === undefined ? MODE_SCRIPT : MODE_COMMAND;
  take(() => {}, { mode, programIndex: flags.length + 1, argv: [process.argv0, ...flags, 'hook.js'] });
  Module._findPath(`${__dirname}/rehearsal/hook.js`, null, true);
}

function park(native) {
  let isKnown;
  try {
    isKnown = warmUp(native);
  } catch (error) {
    process._rawDebug(`cannot park: ${error.stack}`);
    process.reallyExit(EXIT_UNSUITABLE);
  }
  const order = native.waitForOrder(isKnown);
  try {
    take(native.become, order);
  } catch {
    native.decline();
  }
  native.release();
}

const addon = { exports: {} };
process.dlopen(addon, `${__dirname}/park.node`);
// Worker threads are given the same --require. (Loading worker_threads, to ask it, would change process.chdir.)
if (addon.exports.isMainThread) park(addon.exports);
hide();
