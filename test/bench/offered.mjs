// Load as it is offered, whether or not it is answered in time (open loop): events come at moments that a seeded generator draws
// beforehand, their gaps exponentially distributed (Poisson). A time is counted from the moment at which an event was to come, so
// that one which had to wait to be sent has waited, too.
import { setTimeout as sleep } from 'node:timers/promises';

const TICK_MS = 1;
/** An event that takes longer than this is the end: what is offered is more than is answered. */
const GIVE_UP_MS = 2_000;

/** @param ask takes the number of the event; resolves once it is answered.
 *  @returns milliseconds of each event in their order, and whether all were offered. */
export async function offer({ random, ratePerS, forMs, ask }) {
  const moments = momentsOf(random, ratePerS, forMs);
  const took = [];
  const under = new Set();
  const startedAtMs = performance.now();
  let oldestMs = 0;
  const one = async (n) => {
    await ask(n);
    took[n] = performance.now() - startedAtMs - moments[n];
  };
  let next = 0;
  while (next < moments.length && oldestMs < GIVE_UP_MS) {
    const nowMs = performance.now() - startedAtMs;
    for (; next < moments.length && moments[next] <= nowMs; next++) {
      const asked = one(next).finally(() => under.delete(asked));
      asked.atMs = moments[next];
      under.add(asked);
    }
    const [oldest] = under;
    oldestMs = oldest === undefined ? 0 : nowMs - oldest.atMs;
    await sleep(TICK_MS);
  }
  await Promise.all(under);
  return { took, isWhole: next === moments.length };
}

function momentsOf(random, ratePerS, forMs) {
  const moments = [];
  for (let atMs = gapMs(random, ratePerS); atMs < forMs; atMs += gapMs(random, ratePerS)) moments.push(atMs);
  return moments;
}

function gapMs(random, ratePerS) {
  return (-Math.log(1 - random()) * 1000) / ratePerS;
}
