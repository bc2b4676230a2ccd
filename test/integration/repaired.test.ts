/** A validator that was broken and is mended is asked at once: what was held against its old code is not against the new. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BREAKER_DEFAULTS } from '../../supervisor/contract/breaking.js';
import { bash, EventWorld } from '../lib/events.js';
import { waitFor } from '../lib/wait.js';

const MENDED = `export default { validate: () => ({ context: 'mended' }) };`;

const world = new EventWorld();
const throwing = world.write('throwing.mjs', `export default { validate() { throw new Error('oops'); } };`);
const unreadable = world.write('unreadable.mjs', 'export default {');

beforeAll(() =>
  world.start(
    Object.entries({ throwing, unreadable }).map(([name, entry]) => ({
      ...{ name, entry, matcher: name, level: 'contained', onFailure: 'block' },
    })),
  ),
);
afterAll(async () => expect(await world.end()).toEqual([]));

const told = async (tool_name: string) =>
  JSON.parse((await world.tell(bash('x', { tool_name }))).stdout).hookSpecificOutput;

const answersMended = (name: string) =>
  waitFor('the new code, which is looked at once it is not just being written', async () => {
    const { additionalContext } = await told(name);
    return additionalContext === 'mended' || undefined;
  });

test('whose breaker is open: it closes, and that is told', async () => {
  for (let at = 0; at < BREAKER_DEFAULTS.failuresToOpen; at++) await told('throwing');
  expect((await told('throwing')).permissionDecisionReason).toContain('its breaker is open');
  writeFileSync(throwing, MENDED);
  await answersMended('throwing');
  expect(await world.validator('throwing')).toMatchObject({ breaker: 'closed', why: '' });
  const { stdout } = world.home.supervisor(['events', '--json']);
  expect(stdout).toContain('validator throwing: closed: its code has changed');
});

test('whose module cannot be loaded: held back at once with its last words, and tried as soon as it is another', async () => {
  const { permissionDecisionReason } = await told('unreadable');
  expect(permissionDecisionReason).toMatch(
    /held back: .*exit code 78: .*unreadable\.mjs cannot be loaded: SyntaxError/,
  );
  expect(await world.validator('unreadable')).toMatchObject({ deaths: [{ cause: 'crashed', count: 1 }] });
  writeFileSync(unreadable, MENDED);
  await answersMended('unreadable');
  expect(await world.validator('unreadable')).toMatchObject({ why: '', restarts: 1 });
});
