import { beforeEach, describe, expect, test } from 'vitest';
import { Turns } from '../../../workers/node/resident/turns.mjs';

let nowMs: number;
let turns: Turns;
let seen: string[];
beforeEach(() => {
  nowMs = 0;
  turns = new Turns(() => nowMs);
  seen = [];
});

/** An answer that takes more than its share. */
const slowly = (name: string) => {
  seen.push(name);
  nowMs += 3;
};
const ask = (name: string, id: number) => turns.take(name, () => slowly(`${name}${id}`));

const everything = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('questions to a worker', () => {
  test('are looked at once, while that takes no time', () => {
    for (const name of ['a', 'a', 'b']) turns.take(name, () => void seen.push(name));
    expect(seen).toEqual(['a', 'a', 'b']);
  });

  test('after a long answer, by the validators in turns, and of each in the order in which they came', async () => {
    for (const id of [1, 2, 3]) ask('slow', id);
    for (const id of [1, 2]) ask('a', id);
    ask('b', 1);
    expect(seen).toEqual(['slow1']);
    while (seen.length < 6) await everything();
    expect(seen).toEqual(['slow1', 'slow2', 'a1', 'b1', 'slow3', 'a2']);
  });

  test('what comes in between is heard in between', async () => {
    for (const id of [1, 2, 3]) {
      turns.take('slow', () => {
        slowly(`slow${id}`);
        if (id === 2) setImmediate(() => seen.push('read'));
      });
    }
    while (seen.length < 4) await everything();
    expect(seen).toEqual(['slow1', 'slow2', 'read', 'slow3']);
  });

  test('one that comes alone after a long answer is looked at', async () => {
    ask('a', 1);
    turns.take('b', () => void seen.push('b'));
    while (seen.length < 2) await everything();
    turns.take('c', () => void seen.push('c'));
    expect(seen).toEqual(['a1', 'b', 'c']);
  });
});
