// A storm as one thing that can be called: mixed calls from many clients while what answers them is killed.
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPython } from '../bench/interpreter.mjs';
import { buildPrograms } from '../bench/programs.mjs';
import { ScratchSupervisor } from '../bench/supervisor.mjs';
import { isClean, Residue } from '../demo/residue.mjs';
import { Answers, NONCE_LENGTH } from '../soak/answers.mjs';
import { awaited } from '../soak/call.mjs';
import { runClients, Tally } from '../soak/clients.mjs';
import { kindsOf, picker } from '../soak/kinds.mjs';
import { notAtRest } from '../soak/rest.mjs';
import { Watch } from '../soak/watch.mjs';
import { Crashes } from './crashes.mjs';
import { Killer } from './killer.mjs';
import { Kills } from './kills.mjs';
import { seeded } from './random.mjs';

const DIRECT_CHILDREN_MAX_MS = 5_000;
const LOOK_EVERY_MS = 100;
/** As many as `history` shows at most. */
const RECORDS_MAX = 999_999;

export class Storm {
  tally = new Tally();
  kills = new Kills();
  #supervisor;
  #residue;

  constructor({ calls, clients, seed }) {
    this.calls = calls;
    this.clients = clients;
    this.random = seeded(seed);
    this.python = findPython();
    this.#supervisor = new ScratchSupervisor('storm', this.python.path);
    this.#residue = new Residue(this.#supervisor);
    this.#residue.reapAlways(awaited);
  }

  /** { growth, unrest, status, refusals, tookMs }. `onProgress` gets the daemon's status once a second. */
  async run(onProgress = () => {}) {
    const supervisor = this.#supervisor;
    const load = this.#prepare();
    supervisor.up();
    const watch = new Watch(supervisor, () => this.tally.ended, onProgress);
    const killer = new Killer(supervisor, this.kills, this.random);
    const startedAtMs = performance.now();
    await runClients({ ...load, tally: this.tally, calls: this.calls, excuse: (call) => this.kills.explain(call) });
    const tookMs = performance.now() - startedAtMs;
    killer.stop();
    watch.stop();
    const unrest = await notAtRest(supervisor);
    return { growth: watch.report(), unrest, status: await supervisor.status(), refusals: this.#refusals(), tookMs };
  }

  /** Why calls were refused, the commonest reason first: [[reason, calls], ...], from the records. */
  #refusals() {
    const { calls } = JSON.parse(
      this.#supervisor.verb('history', '--outcome', 'refused', '--limit', String(RECORDS_MAX), '--json'),
    );
    const counts = new Map();
    for (const { handler, detail } of calls) {
      const reason = `${handler.split(' ', 1)[0]}: ${detail}`;
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    return [...counts].sort(([, a], [, b]) => b - a);
  }

  /** After `run`: kills the daemon itself under the same load, again and again. The next one starts at once, among calls that
   *  run directly meanwhile, or when they are over, by turns. */
  async crash(times, callsEach) {
    const crashes = new Crashes(this.#supervisor, this.random);
    for (let n = 0; n < times; n++) {
      const tally = new Tally();
      const load = { ...this.#load, tally, calls: callsEach, excuse: (call) => crashes.explain(call) };
      const calls = runClients(load);
      await Promise.all([calls, crashes.one(() => tally.ended / callsEach, n % 2 === 0 ? undefined : calls)]);
      crashes.tallies.push(tally);
    }
    return crashes;
  }

  /** What is left after the daemon's end. */
  async end() {
    this.#supervisor.verb('down');
    // One that was killed leaves it to its successor, which removes only what it has made; empty it must be.
    if (existsSync(this.#supervisor.runtimeFolder)) rmdirSync(this.#supervisor.runtimeFolder);
    // What a hook that ran directly has begun is nobody's to end; it lasts a second.
    const giveUpAtMs = performance.now() + DIRECT_CHILDREN_MAX_MS;
    for (;;) {
      const left = await this.#residue.settled();
      if (isClean(left) || performance.now() > giveUpAtMs) return left;
      await sleep(LOOK_EVERY_MS);
    }
  }

  #load;

  #prepare() {
    const folder = join(this.#supervisor.folder, 'project');
    mkdirSync(folder);
    const programs = buildPrograms(join(this.#supervisor.folder, 'programs'));
    // None that only a supervisor ends in time: a call that runs directly, as it may here, would outlive its client.
    const kinds = kindsOf({ programs, python: this.python, folder }).filter(({ call }) => {
      const { act, expect } = call('0'.repeat(NONCE_LENGTH), 0);
      return act === undefined && expect === undefined;
    });
    const where = { env: this.#supervisor.env, cwd: folder };
    const pick = picker(kinds, this.random);
    this.#load = { clients: this.clients, pick, answers: new Answers(where), where };
    return this.#load;
  }

  /** Leaves nothing, however it ended. */
  cleanUp() {
    this.#supervisor.down();
    this.#supervisor.remove();
  }
}
