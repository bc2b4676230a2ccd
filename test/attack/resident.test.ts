/** Hostile code at the far end of a resident worker's channel. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../supervisor/contract/clock.js';
import { LIMITS } from '../../supervisor/contract/limits.js';
import type { AgentEvent } from '../../supervisor/contract/validating.js';
import { loadNative } from '../../supervisor/native.js';
import type { Answered } from '../../supervisor/ring/resident-answer.js';
import { openResidentLink, type ResidentLink } from '../../supervisor/ring/resident-link.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';

const native = loadNative();
const PEER = join(import.meta.dirname, 'resident_peer.py');
const SIGKILL = 9;
const GENERATION = 3;
/** No turn of the loop may take longer, whatever the peer does; generous, since the machine may be busy. */
const TURN_MAX_MS = 250;

let link: ResidentLink;
let pid: number;
let isReady: boolean;
let answers: Map<number, readonly Answered[]>;
let closed: (string | undefined)[];
let slowestTurnMs: number;
let timer: NodeJS.Timeout;

beforeEach(() => {
  isReady = false;
  answers = new Map();
  closed = [];
  slowestTurnMs = 0;
  let before = performance.now();
  timer = setInterval(() => {
    const now = performance.now();
    slowestTurnMs = Math.max(slowestTurnMs, now - before);
    before = now;
  }, 1);
});

afterEach(async () => {
  clearInterval(timer);
  link.close();
  native.kill(pid, SIGKILL);
  await ended();
});

function begin(attack: string): void {
  const opened = openResidentLink(native, systemClock, GENERATION, {
    ready: () => {
      isReady = true;
    },
    answered: (id, outcomes) => answers.set(id, outcomes),
    silent() {},
    closed: (violation) => closed.push(violation),
  });
  if ('refused' in opened) throw new Error(opened.refused);
  link = opened;
  const { executable } = findPython();
  const argv = ['python3', '-I', PEER, attack, String(link.ringBytes), String(link.generation)];
  pid = native.spawn({ file: executable, argv, env: [], fds: [...link.peerEnds], logFd: 2, cwd: '/' }).pid;
  link.closePeerEnds();
}

const ask = (text = 'x') => link.ask({ events: [{ name: text } as AgentEvent], context: {} });
const ready = () => waitFor('READY', async () => isReady || undefined);
const end = () => waitFor('the end of the talk', async () => closed[0] ?? undefined);
const ended = () => waitFor('the end of the peer', async () => native.reap(pid));

test('an honest one is answered and stays', async () => {
  begin('honest');
  await ready();
  const id = ask();
  await waitFor('an answer', async () => answers.size > 0 || undefined);
  expect([...answers]).toEqual([[id, [{ kind: 'answered', verdict: {} }]]]);
  expect(closed).toEqual([]);
});

test.each([
  ['flood', 'an answer that nobody asked for'],
  ['keepers_record', 'no worker sends'],
  ['other_generation', 'record of generation 4'],
  ['twice', 'an answer that nobody asked for'],
  ['ready_twice', 'ready twice'],
  ['unasked_pong', 'nobody asked for'],
  ['early_answer', 'before it was ready'],
  ['other_protocol', 'protocol 1'],
  ['short_fragments', 'a short fragment'],
  ['endless_message', 'a message that is too long'],
  ['inside_another', 'a message inside another'],
  ['unknown_kind', 'its ring or its doorbell'],
  ['tail_ahead', 'its ring or its doorbell'],
  ['tail_behind', 'its ring or its doorbell'],
  ['head_ahead', 'its ring or its doorbell'],
  ['long_record', 'its ring or its doorbell'],
  ['no_magic', 'its ring or its doorbell'],
  ['punches_holes', 'its ring or its doorbell'],
  ['bells', 'its ring or its doorbell'],
  ['bells_with_descriptors', 'its ring or its doorbell'],
])('%s ends the talk, and the daemon goes on', async (attack, fault) => {
  begin(attack);
  if (attack !== 'early_answer' && attack !== 'other_protocol') await ready();
  ask();
  if (attack === 'head_ahead') {
    await waitFor('its answer, which follows the attack', async () => answers.size > 0 || undefined);
    for (let i = 0; i < 5; i++) ask('x'.repeat(60_000)); // the index is looked at where there might be no room
  }
  expect(await end()).toContain(fault);
  expect(slowestTurnMs).toBeLessThan(TURN_MAX_MS);
  expect(ask()).toBe('notReady');
});

test('one that never reads is sent what its ring and a bounded queue take, then nothing', async () => {
  begin('deaf');
  await ready();
  const before = process.memoryUsage().rss;
  let asked = 0;
  let last = ask('x'.repeat(1_000_000));
  for (; typeof last === 'number'; last = ask('x'.repeat(1_000_000))) asked++;
  expect(last).toBe('full');
  expect(asked).toBeLessThan(2 + (LIMITS.residentBacklogMaxBytes + 2 * LIMITS.residentRingBytes) / 1_000_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(8 * LIMITS.residentBacklogMaxBytes);
  await sleep(100);
  expect(closed).toEqual([]);
  expect(slowestTurnMs).toBeLessThan(TURN_MAX_MS);
});

test('one that never reads small questions has so many of them at most', async () => {
  begin('deaf');
  await ready();
  let asked = 0;
  while (typeof ask() === 'number') asked++;
  expect(asked).toBe(LIMITS.residentAsksMax);
  for (let id = 1; id <= asked; id++) link.forget(id);
  expect(ask()).toBe('full');
});

test('an answer that changes while it is read is one answer, or the end', async () => {
  begin('changing_record');
  await ready();
  ask();
  await waitFor('an answer or the end', async () => answers.size + closed.length > 0 || undefined);
  await sleep(50);
  const told = [...answers.values()].flat().map((one) => (one.kind === 'failed' ? one.cause : one.kind));
  expect(told.length).toBeLessThanOrEqual(1);
  expect(['answered', 'protocol', undefined]).toContain(told[0]);
});

test('garbage is the failure of its question, and the next is answered', async () => {
  begin('garbage');
  await ready();
  for (let i = 0; i < 5; i++) ask();
  await waitFor('five answers', async () => answers.size === 5 || undefined);
  const kinds = [...answers.values()].flat().map((one) => (one.kind === 'failed' ? one.cause : one.kind));
  expect(kinds).toEqual(['protocol', 'protocol', 'protocol', 'protocol', 'answered']);
  expect(closed).toEqual([]);
});

test('one that always wants a doorbell gets its answers through, and nothing else happens', async () => {
  begin('wants_space');
  await ready();
  for (let i = 0; i < 100; i++) ask();
  await waitFor('the answers', async () => answers.size === 100 || undefined);
  expect(slowestTurnMs).toBeLessThan(TURN_MAX_MS);
});

test('the memory cannot be cut or grown', async () => {
  begin('cuts_the_memory');
  await ready();
  ask();
  expect(await ended()).toEqual({ exitCode: 7, signal: 0 });
  await waitFor('the end of the talk', async () => closed.length > 0 || undefined);
  expect(closed).toEqual([undefined]);
});
