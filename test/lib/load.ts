/** Calls of several clients at a time while something is done to their daemon. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestHome } from './daemon.js';
import { type HookEnd, runHook } from './hook.js';

const CLIENTS = 8;
const CALLS_OF_A_CLIENT = 50;

export interface Load {
  calls: number;
  /** Not answered by the daemon, or not as a direct run would have been. */
  wrong: HookEnd[];
}

/** 400 calls of 8 clients, of Python and any command in turn. @param meanwhile is done again and again until the last. */
export async function callsUnderLoad(home: TestHome, meanwhile: () => Promise<void>): Promise<Load> {
  const script = join(home.root, 'load.py');
  writeFileSync(script, 'import sys\nprint(sys.argv[1])\n');
  const load: Load = { calls: 0, wrong: [] };
  const client = async (number: number) => {
    for (let count = 0; count < CALLS_OF_A_CLIENT; count++) {
      const word = `${number}.${count}`;
      const end = await runHook(home, count % 2 === 0 ? ['python3', script, word] : ['echo', word]);
      load.calls++;
      const isServed = end.explained !== undefined && end.explained.path !== 'direct';
      if (end.code !== 0 || end.stdout !== `${word}\n` || end.stderr !== '' || !isServed) load.wrong.push(end);
    }
  };
  let isOver = false;
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number))).then(() => {
    isOver = true;
  });
  while (!isOver) await meanwhile();
  await clients;
  return load;
}
