// A resident worker: answers the questions of one validator, over a ring of its own, until its daemon is gone. Started with - as
// its entry it is shared by several, each of which it is told to load.
// argv: ENTRY RING_BYTES GENERATION. The kinds of records are those of native-shim/include/wire.h.
import { fstatSync } from 'node:fs';
import { createRequire } from 'node:module';
import { answerText } from './resident/answer.mjs';
import { sayLastWords } from './resident/last-words.mjs';
import { toStderr } from './resident/streams.mjs';
import { Tasks } from './resident/tasks.mjs';
import { Turns } from './resident/turns.mjs';
import { loadValidator } from './resident/validator.mjs';
import { oneLine } from './resident/words.mjs';

const PEER_RING_FD = 3;
const PEER_SOCKET_FD = 4;
const ASK = 64;
const PING = 65;
const FORGET = 66;
const LOAD = 67;
const READY = 80;
const ANSWER = 81;
const PONG = 82;
const SHARED = '-';
const PROTOCOL = 1;
const NOBODYS_TURN = 0;
const NO_VERDICT = '{"verdict":{}}';
const EMSGSIZE = 90;
const EXIT_CHANNEL_LOST = 69;
const EXIT_CANNOT_START = 78; // no other start of it will do

const [, , entry, ringBytes, generation] = process.argv;
const native = createRequire(import.meta.url)('./resident.node');

function fail(message) {
  process.stderr.write(`${oneLine(message)}\n`, () => process.exit(EXIT_CANNOT_START));
}

function send(kind, callId, text) {
  const status = native.send(kind, callId, text);
  if (status === -EMSGSIZE) return false;
  if (status < 0) process.exit(EXIT_CHANNEL_LOST);
  return true;
}

/** @param only undefined: it is shared. */
function serve(only) {
  const tasks = new Tasks();
  const turns = new Turns();
  const shared = new Map();

  async function answer(callId, question, task) {
    const validator = only ?? shared.get(question.context.name).validator;
    const answered = await answerText(validator, question, task);
    if (!tasks.end(callId) || send(ANSWER, callId, answered)) return;
    const message = `an answer of ${answered.length} characters is too long`;
    send(ANSWER, callId, JSON.stringify({ error: { cause: 'protocol', message } }));
  }

  function ask(callId, text) {
    const question = JSON.parse(text);
    const task = tasks.begin(callId);
    turns.take(question.context.name, () => {
      if (!tasks.has(callId)) return;
      if (only === undefined) native.mark(shared.get(question.context.name).number);
      void answer(callId, question, task);
      if (only === undefined) native.mark(NOBODYS_TURN);
    });
  }

  async function load(callId, { name, entry }) {
    const answered = await loadValidator(entry, name).then(
      (validator) => {
        shared.set(name, { validator, number: callId });
        return { loaded: { batch: validator.isBatch } };
      },
      ({ message }) => ({ error: { cause: 'threw', message } }),
    );
    send(ANSWER, callId, JSON.stringify(answered));
  }

  function take(kind, callId, text) {
    if (kind === ASK) ask(callId, text);
    else if (kind === PING) send(PONG, callId, '');
    else if (kind === FORGET && tasks.forget(callId)) send(ANSWER, callId, NO_VERDICT);
    else if (kind === LOAD) void load(callId, JSON.parse(text));
  }

  const gone = () => process.exit(EXIT_CHANNEL_LOST);
  const status = native.attach(PEER_RING_FD, PEER_SOCKET_FD, Number(ringBytes), Number(generation), take, gone);
  if (status < 0) fail(`the channel to the supervisor cannot be used: error ${-status}`);
  else send(READY, 0, JSON.stringify({ protocol: PROTOCOL, batch: only?.isBatch === true, pid: process.pid }));
}

/** Where somebody holds the other end of its input, it ends with that: it is not needed any more. */
function endWithInput() {
  if (fstatSync(0).isFIFO()) process.stdin.on('end', () => process.exit(0)).resume();
}

toStderr();
sayLastWords();
endWithInput();
if (entry === SHARED) serve(undefined);
else loadValidator(entry).then(serve, (error) => fail(error.message));
