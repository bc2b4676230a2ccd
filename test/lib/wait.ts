import { setTimeout as sleep } from 'node:timers/promises';

const POLL_EVERY_MS = 10;

/** Asks again and again until there is an answer. Throws with `what` when the time is over. */
export async function waitFor<T>(what: string, ask: () => Promise<T | undefined> | T | undefined, timeoutMs = 15_000) {
  const giveUpAtMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > giveUpAtMs) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await sleep(POLL_EVERY_MS);
  }
}
