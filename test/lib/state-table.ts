/** What must hold of any state table. */
import { expect, test } from 'vitest';

export type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

export function isWhole(table: Table, first: string): void {
  test('answers every input in every state with a state of its own', () => {
    const inputs = Object.keys(Object.values(table)[0] ?? {}).sort();
    for (const row of Object.values(table)) {
      expect(Object.keys(row).sort()).toEqual(inputs);
      for (const next of Object.values(row)) expect(Object.keys(table)).toContain(next);
    }
  });

  test('reaches every state from the first', () => {
    const seen = new Set([first]);
    for (const state of seen) for (const next of Object.values(table[state] ?? {})) seen.add(next);
    expect([...seen].sort()).toEqual(Object.keys(table).sort());
  });
}
