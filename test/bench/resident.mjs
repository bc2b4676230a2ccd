// What a question to a resident worker costs: `node test/bench/resident.mjs` asks one of each runtime about an event of
// 1 kB, one question after the other, then in batches as fast as they are answered. `--rounds` says how many questions.
// Prints tables; nothing fails. The worker runs in no sandbox: what is measured is ring, doorbell and runtime.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../../dist/contract/clock.js';
import { loadNative } from '../../dist/native.js';
import { openResidentLink } from '../../dist/ring/resident-link.js';
import { takenDownAtEnd } from '../run/ending.mjs';
import { findPython } from './interpreter.mjs';
import { VALIDATOR_SOURCES } from './programs/validators.mjs';
import { quantile } from './statistics.mjs';

const WORKERS = fileURLToPath(new URL('../../dist/workers', import.meta.url));
const EVENT_BYTES = 1024;
const BATCH_EVENTS = 64;
const BATCHES_AHEAD = 4;
const THROUGHPUT_MS = 3_000;
const WARM_QUESTIONS = 2_000;
const SIGKILL = 9;

const ARGV = {
  node: (entry) => [process.execPath, join(WORKERS, 'node/resident.mjs'), entry],
  python: (entry) => [findPython().file, join(WORKERS, 'python/resident.py'), entry],
};

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20000' } } });
const rounds = Number(values.rounds);
const native = loadNative();
const folder = mkdtempSync(join(tmpdir(), 'hs-resident-'));
takenDownAtEnd(() => rmSync(folder, { recursive: true }));
const event = eventOf(EVENT_BYTES);

try {
  say('| | p50, us | p99 |\n|---|---|---|');
  for (const runtime of Object.keys(VALIDATOR_SOURCES)) {
    const worker = await start(runtime);
    const took = await oneByOne(worker, rounds);
    say(`| ${runtime}, one question after the other | ${us(took, 0.5)} | ${us(took, 0.99)} |`);
    stop(worker);
  }
  say(`\n| events of a second, batches of ${BATCH_EVENTS} | 1 worker | 2 workers |\n|---|---|---|`);
  for (const runtime of Object.keys(VALIDATOR_SOURCES)) {
    const figures = [];
    for (const count of [1, 2]) {
      const workers = await Promise.all(Array.from({ length: count }, () => start(runtime)));
      figures.push(await inBatches(workers));
      for (const worker of workers) stop(worker);
    }
    say(`| ${runtime} | ${figures.join(' | ')} |`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

async function start(runtime) {
  const { file, text } = VALIDATOR_SOURCES[runtime];
  const entry = join(folder, file);
  writeFileSync(entry, text);
  const worker = { waiting: new Map() };
  await new Promise((resolve) => {
    worker.link = openResidentLink(native, systemClock, 1, {
      ready: resolve,
      answered(id, answers) {
        if (answers.some(({ kind }) => kind !== 'answered')) throw new Error(JSON.stringify(answers));
        worker.waiting.get(id)(answers);
        worker.waiting.delete(id);
      },
      silent() {},
      closed: (violation) => say(`${runtime} has ended: ${violation}`),
    });
    const words = [...ARGV[runtime](entry), String(worker.link.ringBytes), '1'];
    const env = ['PATH=/usr/bin:/bin'];
    const request = { file: words[0], argv: words, env, fds: [...worker.link.peerEnds], logFd: 2, cwd: '/' };
    worker.pid = native.spawn(request).pid;
    worker.link.closePeerEnds();
  });
  await oneByOne(worker, WARM_QUESTIONS);
  return worker;
}

function stop({ link, pid }) {
  link.close();
  native.kill(pid, SIGKILL);
  while (native.reap(pid) === undefined);
}

/** Microseconds from question to verdict. */
async function oneByOne(worker, count) {
  const took = [];
  for (let n = 0; n < count; n++) {
    const startedAtMs = performance.now();
    await new Promise((resolve) => {
      worker.waiting.set(worker.link.ask({ events: [event], context: {} }), resolve);
    });
    took.push((performance.now() - startedAtMs) * 1000);
  }
  return took;
}

/** Events of a second, all workers together. */
async function inBatches(workers) {
  const events = Array.from({ length: BATCH_EVENTS }, () => event);
  let answered = 0;
  let isOver = false;
  const ask = ({ link, waiting }) => {
    waiting.set(link.ask({ events, context: {} }), (answers) => {
      answered += answers.length;
      if (!isOver) ask({ link, waiting });
    });
  };
  for (const worker of workers) for (let n = 0; n < BATCHES_AHEAD; n++) ask(worker);
  await sleep(THROUGHPUT_MS);
  isOver = true;
  return Math.round((answered * 1000) / THROUGHPUT_MS);
}

function eventOf(bytes) {
  const made = {
    ...{ agent: 'claude', name: 'PreToolUse', sessionId: 's-1', cwd: '/project', matched: 'Bash', toolName: 'Bash' },
    ...{ toolInput: { command: '', description: 'Lists the files' }, raw: {} },
  };
  made.toolInput.command = `ls ${'x'.repeat(bytes - JSON.stringify(made).length - 3)}`;
  return made;
}

function us(took, share) {
  return quantile(took, share).toFixed(0);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
