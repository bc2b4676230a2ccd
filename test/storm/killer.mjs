// Kills what a daemon has, at random, several times a second.

const EVERY_MS = 500;
/** In parts of all kills. A pool whose keeper dies often is held back, and its calls run directly: that would be all. */
const SHARES = { keeper: 2, zygote: 4, parked: 7, hook: 7 };

export class Killer {
  #timer;
  #isChoosing = false;

  constructor(supervisor, kills, random) {
    this.supervisor = supervisor;
    this.kills = kills;
    this.random = random;
    this.#timer = setInterval(() => this.#killOne(), EVERY_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  async #killOne() {
    if (this.#isChoosing) return;
    this.#isChoosing = true;
    try {
      const status = await this.supervisor.status();
      const what = this.#pick(Object.entries(SHARES).flatMap(([name, share]) => Array(share).fill(name)));
      const pid = this.#pick(victims(status)[what]);
      if (pid === undefined) return;
      this.kills.add(what, pid, performance.now());
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself, or the daemon has other things to do: the next one is chosen soon.
    } finally {
      this.#isChoosing = false;
    }
  }

  #pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }
}

function victims({ keepers, pools }) {
  const workers = pools.flatMap((pool) => pool.workers).filter(({ pid }) => pid > 0);
  const pids = (isWanted) => workers.filter(isWanted).map(({ pid }) => pid);
  return {
    keeper: keepers.map(({ pid }) => pid),
    zygote: pids(({ kind }) => kind === 'zygote'),
    parked: pids(({ kind, state }) => kind === 'parked' && state === 'parked'),
    hook: pids(({ state }) => state === 'busy'),
  };
}
