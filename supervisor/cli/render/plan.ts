/** What a reload changes, for people. */
import type { ConfigChange, ReloadPlan, TakesEffect } from '../../contract/changes.js';

const WHEN: Readonly<Record<TakesEffect, string>> = {
  calls: 'for new calls',
  pools: 'with new pools',
  restart: 'needs a restart',
};
const VALUE_MAX_CHARACTERS = 60;

/** @param tense whether it has happened. */
export function renderPlan({ changes, poolsReplaced, notes }: ReloadPlan, tense: 'would' | 'did'): string {
  const lines = notes.map((note) => `note: ${note}`);
  if (changes.length === 0) return [...lines, 'nothing to change', ''].join('\n');
  lines.push(...changes.map(lineOf));
  if (poolsReplaced.length > 0) {
    const verb = tense === 'would' ? 'pools that would be replaced' : 'pools replaced';
    lines.push(`${verb}: ${poolsReplaced.join(', ')}`);
  }
  return [...lines, ''].join('\n');
}

function lineOf({ keyPath, from, to, takesEffect }: ConfigChange): string {
  return `${keyPath}: ${shown(from)} -> ${shown(to)} (${WHEN[takesEffect]})`;
}

function shown(value: string | null): string {
  if (value === null) return 'none';
  return value.length > VALUE_MAX_CHARACTERS ? `${value.slice(0, VALUE_MAX_CHARACTERS)}...` : value;
}
