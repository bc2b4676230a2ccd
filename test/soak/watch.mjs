// Memory and descriptors of the daemon, its keepers and its zygotes, once a second while calls are made.
import { readdirSync, readFileSync } from 'node:fs';
import { perThousandCalls } from './growth.mjs';

const EVERY_MS = 1_000;
const PAGE_KB = 4;
/** A process that was there for less has nothing to tell. */
const SAMPLES_MIN = 20;
const SAMPLES_MAX = 100_000;

export class Watch {
  #series = new Map();
  #timer;
  #isLooking = false;

  /** @param calls () => the number of calls that have ended.
   *  @param onLook gets the status at every look. */
  constructor(supervisor, calls, onLook) {
    this.supervisor = supervisor;
    this.calls = calls;
    this.onLook = onLook;
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** [{ what, samples, rss: { atMiddle, last, perThousand }, fds }]: kilobytes, descriptors; fds undefined where only root
   *  may count them. */
  report() {
    return [...this.#series.values()]
      .filter(({ samples }) => samples.length >= SAMPLES_MIN)
      .map(({ what, samples }) => ({
        what,
        samples: samples.length,
        rss: summary(samples, 'rssKb'),
        fds: summary(samples, 'fds'),
      }));
  }

  async #look() {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const status = await this.supervisor.status();
      for (const [what, pid] of watched(status)) this.#note(what, pid);
      this.onLook(status);
    } catch {
      // A daemon that does not answer is seen by the calls.
    } finally {
      this.#isLooking = false;
    }
  }

  #note(what, pid) {
    const key = `${what} ${pid}`;
    const series = this.#series.get(key) ?? { what, samples: [] };
    this.#series.set(key, series);
    const sample = { calls: this.calls(), rssKb: rssKb(pid), fds: descriptors(pid) };
    if (sample.rssKb !== undefined && series.samples.length < SAMPLES_MAX) series.samples.push(sample);
  }
}

function watched({ pid, keepers, pools }) {
  const zygotes = pools.flatMap((pool) =>
    pool.workers.filter(({ kind }) => kind === 'zygote').map((worker) => [`zygote ${pool.id}`, worker.pid]),
  );
  return [['daemon', pid], ...keepers.map((keeper) => [`keeper ${keeper.pool}`, keeper.pid]), ...zygotes];
}

function summary(samples, what) {
  const known = samples.filter((sample) => sample[what] !== undefined);
  if (known.length === 0) return undefined;
  const values = known.map((sample) => ({ calls: sample.calls, value: sample[what] }));
  const middle = values[Math.floor(values.length / 2)].value;
  return { atMiddle: middle, last: values.at(-1).value, perThousand: perThousandCalls(values) };
}

function rssKb(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE_KB;
  } catch {
    return undefined; // it has ended
  }
}

function descriptors(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined; // it has ended, or hides them
  }
}
