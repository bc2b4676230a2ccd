// What a cached answer costs. `node test/bench/cache.mjs`: in this process, how long a hit, a miss and a hit with declared files take,
// beside the answer of a resident worker that takes no time at all; then a session of 500 events with files that change, its hit
// ratio, and how many answers were stale. `--rounds` says how many of each. Prints tables; nothing fails.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AnswerCache } from '../../dist/cache/cache.js';
import { FileDigests } from '../../dist/cache/file-digests.js';
import { CACHE_DEFAULTS } from '../../dist/contract/caching.js';
import { systemClock } from '../../dist/contract/clock.js';
import { LIMITS } from '../../dist/contract/limits.js';
import { replaySession } from '../lib/session-replay.mjs';
import { takenDownAtEnd } from '../run/ending.mjs';
import { median, quantile } from './statistics.mjs';

const SEEDS = [1, 2, 3, 4, 5];
const RULE = { ttlMs: CACHE_DEFAULTS.ttlMs, fields: [], files: [], env: [], scope: 'project', negative: true };
const SPEC = { name: 'v' };
const INPUT = { command: 'grep -rn pattern .', description: 'x'.repeat(800) };
const VERDICT = { decision: 'allow', reason: 'nothing is wrong with it' };

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20000' } } });
const rounds = Number(values.rounds);
const say = (text) => process.stdout.write(`${text}\n`);
const us = (ms) => (ms * 1000).toFixed(1);
const folder = mkdtempSync(join(tmpdir(), 'hook-supervisor-cache-'));
takenDownAtEnd(() => rmSync(folder, { recursive: true, force: true }));
const newCache = () =>
  new AnswerCache(
    {
      clock: systemClock,
      wallMs: Date.now,
      files: new FileDigests(systemClock, Date.now),
      shelf: { save() {}, forget() {} },
    },
    CACHE_DEFAULTS,
  );

try {
  await costs();
  await sessions();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function costs() {
  const path = join(folder, 'rules');
  writeFileSync(path, 'x'.repeat(10_000));
  await sleep(2 * LIMITS.fileSettledMs);
  const withFile = { ...RULE, files: [path] };
  say(`| of ${rounds}, with an event of about 1 kB | p50, µs | p99, µs |\n|---|---|---|`);
  const ask = asking(newCache());
  const rows = {
    'not cached: the validator is called': () => answer(),
    hit: () => ask(RULE, 'same'),
    miss: (n) => ask(RULE, `n${n}`),
    'hit, one declared file of 10 kB': () => ask(withFile, 'same'),
    'miss, one declared file of 10 kB': (n) => ask(withFile, `n${n}`),
  };
  for (const [name, run] of Object.entries(rows)) {
    const took = [];
    for (let n = 0; n < rounds; n++) {
      const startedAtMs = performance.now();
      await run(n);
      took.push(performance.now() - startedAtMs);
    }
    say(`| ${name} | ${us(median(took))} | ${us(quantile(took, 0.99))} |`);
  }
}

async function answer() {
  return { kind: 'answered', verdict: VERDICT };
}

function asking(cache) {
  return (rule, command) => {
    const toolInput = { ...INPUT, command };
    const raw = {
      session_id: 's',
      cwd: folder,
      hook_event_name: 'PreToolUse',
      tool_name: 'Bash',
      tool_input: toolInput,
    };
    const event = {
      agent: 'claude',
      name: 'PreToolUse',
      sessionId: 's',
      cwd: folder,
      matched: 'Bash',
      toolName: 'Bash',
      toolInput,
      raw,
    };
    const deadlineMs = systemClock.nowMs() + 10_000;
    return cache.ask({ spec: SPEC, code: 'c', rule, event, env: () => undefined, deadlineMs, compute: answer });
  };
}

async function sessions() {
  say(
    '\n| session of 500 events | asked | hits | shared | misses | hit ratio | stale |\n|---|---|---|---|---|---|---|',
  );
  for (const seed of SEEDS) {
    const cache = newCache();
    const ask = async ({ compute, ...question }) => {
      const deadlineMs = systemClock.nowMs() + 10_000;
      const answered = async () => ({ kind: 'answered', verdict: await compute() });
      return (await cache.ask({ ...question, code: 'c', deadlineMs, compute: answered })).outcome.verdict;
    };
    const { asked, stale } = await replaySession({ ask, folder, seed });
    const { hits, shared, misses, hitRatio } = cache.stats();
    say(
      `| ${[`seed ${seed}`, asked, hits, shared, misses, `${(hitRatio * 100).toFixed(1)} %`, stale.length].join(' | ')} |`,
    );
  }
}
