import { describe, expect, test } from 'vitest';
import type { ToldHappening } from '../../../supervisor/contract/happening.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { Journal } from '../../../supervisor/monitor/journal.js';

const about = (text: string) => ({ kind: 'ready' as const, about: text });

describe('the journal', () => {
  test('numbers what it is told, and gives what came after a number', () => {
    const journal = new Journal(() => 7.4);
    for (const text of ['a', 'b', 'c']) journal.add(about(text));
    expect(journal.after(1)).toEqual([
      { kind: 'ready', about: 'b', seq: 2, atMs: 7 },
      { kind: 'ready', about: 'c', seq: 3, atMs: 7 },
    ]);
  });

  test('keeps the latest only; the gap can be seen', () => {
    const journal = new Journal(() => 0, 3);
    for (const text of ['a', 'b', 'c', 'd', 'e']) journal.add(about(text));
    expect(journal.after(0).map(({ seq }) => seq)).toEqual([3, 4, 5]);
  });

  test('a text is bounded', () => {
    const journal = new Journal(() => 0);
    expect(journal.add(about('x'.repeat(1e6))).about.length).toBe(LIMITS.loggedTextMaxCharacters);
  });

  test('followers are told until they end it', () => {
    const journal = new Journal(() => 0);
    const seen: ToldHappening[] = [];
    const end = journal.follow((one) => seen.push(one));
    journal.add(about('a'));
    end();
    journal.add(about('b'));
    expect(seen.map((one) => one.about)).toEqual(['a']);
  });
});
