/** docs/validators.md has every rule with what it does, and its examples can be configured. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { validator, validators } from '../../../supervisor/config/schema-validators.js';
import { RULES as COMMAND_RULES } from '../../../workers/validators/builtin/command-safety/rules.mjs';
import { RULES as PATH_RULES } from '../../../workers/validators/builtin/path-policy/rules.mjs';
import { RULES as COST_RULES } from '../../../workers/validators/builtin/resource-heavy/rules.mjs';
import { PATTERNS } from '../../../workers/validators/builtin/secrets/patterns.mjs';

const text = readFileSync(new URL('../../../docs/validators.md', import.meta.url), 'utf8');
const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (deny|ask|inform) \|/gm)].map(
  ([, id, decision]) => `${id}: ${decision}`,
);

test('every rule is in its table, with what it does, and no other', () => {
  const inform = COST_RULES.map((rule) => ({ ...rule, decision: 'inform' }));
  const more = ['fork-bomb: deny', 'unreadable: ask', 'unresolved: ask'];
  const ruled = [...COMMAND_RULES, ...PATH_RULES, ...PATTERNS, ...inform].map(
    ({ id, decision }) => `${id}: ${decision}`,
  );
  expect(rows.sort()).toEqual([...ruled, ...more].sort());
});

test('its examples of configuration are accepted', () => {
  const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => JSON.parse(json));
  expect(examples.length).toBe(3);
  for (const example of examples) {
    const problems = 'validators' in example ? validators.safeParse(example.validators) : validator.safeParse(example);
    expect(problems.error?.issues).toBeUndefined();
  }
});
