// What hooks do, done once while parking: functions are compiled and pages touched before there is anybody waiting.
// It must be over without an effect that a hook could see when this returns.
'use strict';

const TURNS_MAX = 1000; // of the event loop; a few dozen are needed
const INPUT = '{"tool_name": "Bash", "tool_input": {"command": "ls", "values": [1, 2.5, null, true]}}';
// Those that a hook is likely to load, and that load nothing but code. ('module' would add to the class Module.)
const BUILTINS =
  'buffer child_process events fs fs/promises net os path process readline stream string_decoder timers tty url util';

function output(native) {
  const net = require('node:net');
  const [readFd, writeFd] = native.pipe();
  const stream = new net.Socket({ fd: writeFd, readable: false, writable: true });
  // To find out about colours Node would open the hook's own stderr.
  const { log, error } = new console.Console({ stdout: stream, colorMode: false });
  log(JSON.stringify({ decision: 'approve', reason: undefined }));
  log('%s', 'text', { some: ['value', 1, null] }, new Map([[1, 2]]));
  error(new Error('rehearsed'));
  stream.write('text\n');
  stream.destroy();
  require('node:fs').closeSync(readFd);
  return new Promise((done) => stream.on('close', done));
}

async function input(native) {
  const [net, fs] = [require('node:net'), require('node:fs')];
  const [readFd, writeFd] = native.pipe();
  fs.writeSync(writeFd, INPUT);
  fs.closeSync(writeFd);
  const stream = new net.Socket({ fd: readFd, readable: true, writable: false, manualStart: true });
  const closed = new Promise((done) => stream.on('close', done));
  let text = '';
  stream.setEncoding('utf8');
  for await (const part of stream) text += part;
  JSON.parse(text);
  await closed;
}

function runToEnd(native, steps) {
  let isOver = false;
  let failure;
  Promise.all(steps).then(
    () => {
      isOver = true;
    },
    (error) => {
      failure = error;
    },
  );
  process._tickCallback();
  let isAlive = true;
  for (let turn = 0; turn < TURNS_MAX && (isAlive || !isOver) && !failure; turn++) {
    isAlive = native.turnLoop();
    process._tickCallback();
  }
  if (failure) throw failure;
  if (!isOver || isAlive) throw new Error('the rehearsal does not end');
}

/** Calls `act` while the standard streams cannot be opened: Node looks at process.stderr whenever it closes a socket. */
function withoutStreams(act) {
  const names = ['stdin', 'stdout', 'stderr'];
  const descriptors = names.map((name) => Object.getOwnPropertyDescriptor(process, name));
  for (const name of names) Object.defineProperty(process, name, { get: () => undefined });
  try {
    act();
  } finally {
    names.forEach((name, index) => {
      Object.defineProperty(process, name, descriptors[index]);
    });
  }
}

/** `withModules`: ES modules too. */
module.exports = (native, withModules) => {
  for (const name of BUILTINS.split(' ')) require(name);
  const folder = `${__dirname}/rehearsal`;
  native.streamsBegin();
  withoutStreams(() => {
    const timer = new Promise((done) => setTimeout(done, 1));
    const steps = [output(native), input(native), timer];
    require(`${folder}/hook.js`);
    if (withModules) steps.push(import(`${folder}/hook.mjs`));
    runToEnd(native, steps);
  });
  native.streamsAreOver();
};
