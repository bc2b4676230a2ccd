/** Plain hooks that run beside the attacks, each with a nonce of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runHook } from '../../lib/hook.js';
import type { Scene } from './scene.js';

const COUNT = 8;
const REST_MS = 150;

export class Neighbours {
  readonly wrong: string[] = [];
  answers = 0;
  #isOver = false;
  readonly #loops: Promise<void>[];

  constructor(readonly scene: Scene) {
    this.#loops = Array.from({ length: COUNT }, (_, index) => this.#loop(index));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
  }

  async #loop(index: number): Promise<void> {
    for (let turn = 0; !this.#isOver; turn++) {
      const nonce = `${index}-${turn}`;
      const argv = ['/bin/sh', '-c', 'echo "$1"; cat; exit 7', 'sh', nonce];
      const { stdout, stderr, code, explained } = await runHook(this.scene.home, argv, { stdin: `in ${nonce}` });
      const isRight = stdout === `${nonce}\nin ${nonce}` && stderr === '' && code === 7 && explained?.path === 'exec';
      if (!isRight) this.wrong.push(JSON.stringify({ nonce, stdout, stderr, code, explained }));
      this.answers++;
      await sleep(REST_MS);
    }
  }
}
