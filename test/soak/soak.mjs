// A soak as one thing that can be called: a daemon of its own, calls from many clients, and what there is to say about
// them afterwards.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findPython } from '../bench/interpreter.mjs';
import { buildPrograms } from '../bench/programs.mjs';
import { ScratchSupervisor } from '../bench/supervisor.mjs';
import { Residue } from '../demo/residue.mjs';
import { Answers } from './answers.mjs';
import { awaited } from './call.mjs';
import { runClients, Tally } from './clients.mjs';
import { kindsOf, picker } from './kinds.mjs';
import { notAtRest } from './rest.mjs';
import { Watch } from './watch.mjs';

export class Soak {
  tally = new Tally();
  #supervisor;
  #residue;

  constructor({ calls, clients }) {
    this.calls = calls;
    this.clients = clients;
    this.python = findPython();
    this.#supervisor = new ScratchSupervisor('soak', this.python.path);
    this.#residue = new Residue(this.#supervisor);
    this.#residue.reapAlways(awaited);
  }

  /** { kinds, status, growth, unrest, left, tookMs }: what was counted, what grew, what was not at rest before the end,
   *  and what was left after it. `onProgress` gets the daemon's status once a second. */
  async run(onProgress = () => {}) {
    const supervisor = this.#supervisor;
    const folder = join(supervisor.folder, 'project');
    mkdirSync(folder);
    const programs = buildPrograms(join(supervisor.folder, 'programs'));
    const kinds = kindsOf({ programs, python: this.python, folder });
    const where = { env: supervisor.env, cwd: folder };
    supervisor.up();
    const watch = new Watch(supervisor, () => this.tally.ended, onProgress);
    const startedAtMs = performance.now();
    const { calls, clients, tally } = this;
    const answers = new Answers(where);
    await runClients({ calls, clients, pick: picker(kinds), answers, where, tally });
    const tookMs = performance.now() - startedAtMs;
    watch.stop();
    const unrest = await notAtRest(supervisor);
    const status = await supervisor.status();
    supervisor.verb('down');
    return { kinds: kinds.length, status, growth: watch.report(), unrest, left: await this.#residue.settled(), tookMs };
  }

  /** Leaves nothing, however it ended. */
  cleanUp() {
    this.#supervisor.down();
    this.#supervisor.remove();
  }
}
