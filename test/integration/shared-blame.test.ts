/** A built-in validator that ends the process which it shares, or keeps it from all: that is held against itself alone, and what the
 *  others were asked they answer all the same. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BREAKER_DEFAULTS } from '../../supervisor/contract/breaking.js';
import { bash, EventWorld } from '../lib/events.js';
import { ProductCopy } from '../lib/product-copy.js';
import { waitFor } from '../lib/wait.js';

/** In the places of two that are built in. */
const HAZARD = `export default { validate({ toolInput: { command } }, { name }) {
  if (command !== name) return;
  if (name === 'exits') process.exit(3);
  if (name === 'loops') for (;;);
  for (const all = [];;) all.push(Buffer.alloc(8 << 20, 1));
} };`;
const SLOW = `import { setTimeout } from 'node:timers/promises';
export default { async validate({ toolInput: { command } }) {
  await setTimeout(command === 'waits' ? 1_000 : 100);
  return { context: 'slow: ' + command };
} };`;
const HAZARDS = { exits: 'crashed', leaks: 'limitHit', loops: 'timedOut' } as const;
const TIMEOUT_MS = 60_000;
const INNOCENT = ['slow', 'command-safety', 'secrets'];

const copy = new ProductCopy();
const world = new EventWorld(copy.supervisor);
beforeAll(() => {
  const builtin = join(copy.folder, 'dist/workers/validators/builtin');
  writeFileSync(join(builtin, 'path-policy.mjs'), SLOW);
  writeFileSync(join(builtin, 'drift.mjs'), HAZARD);
  world.start(
    [
      { name: 'slow', entry: 'builtin:path-policy', timeoutMs: TIMEOUT_MS },
      ...Object.keys(HAZARDS).map((name) => ({
        ...{ name, entry: 'builtin:drift', onFailure: 'continue', timeoutMs: name === 'loops' ? 1_000 : TIMEOUT_MS },
      })),
      { name: 'command-safety', entry: 'builtin:command-safety', timeoutMs: TIMEOUT_MS },
      { name: 'secrets', entry: 'builtin:secrets', timeoutMs: TIMEOUT_MS },
      { name: 'hasty', entry: 'builtin:secrets', matcher: 'Hasty', timeoutMs: 1_500 },
    ],
    { limits: { memoryMaxBytes: 256 * 1024 * 1024 } },
  );
});
afterAll(async () => {
  expect(await world.end()).toEqual([]);
  copy.remove();
});

async function told(command: string, tool_name = 'Bash') {
  return JSON.parse((await world.tell(bash(command, { tool_name }))).stdout).hookSpecificOutput;
}

/** Nothing is held against these. */
async function areInnocent(names: readonly string[]): Promise<void> {
  for (const name of names)
    expect(await world.validator(name), name).toMatchObject({ deaths: [], failed: 0, restarts: 0, breaker: 'closed' });
}

test('they are one process', async () => {
  await told('ls', 'Hasty');
  const { validators } = await world.daemon.status();
  expect(new Set(validators.map(({ workers }) => workers[0]?.pid)).size).toBe(1);
});

describe.each(Object.entries(HAZARDS))('one that %s', (name, cause) => {
  test('is left out, and the others say what they have to say', async () => {
    expect((await told(name)).additionalContext).toBe(`slow: ${name}`);
  });

  test('has the death to its name, and the others have none', async () => {
    const { deaths } = await waitFor('its death', async () => {
      const status = await world.validator(name);
      return status.deaths.length > 0 ? status : undefined;
    });
    expect(deaths).toEqual([{ cause, count: 1 }]);
    await areInnocent(INNOCENT);
  });
});

test('one whose time is over while another has the process to itself has failed, which no breaker counts', async () => {
  await told('ls', 'Hasty');
  const { permissionDecisionReason } = await told('loops', 'Hasty');
  expect(permissionDecisionReason).toContain('(refused): no answer within');
  expect(permissionDecisionReason).toContain('loops, with which it shares a process, lets nobody have a turn');
  expect(await world.validator('hasty')).toMatchObject({ failed: 1, deaths: [], breaker: 'closed' });
});

test('the operator ends it more often than any validator may: none is held back, and what was asked is answered', async () => {
  const before = await world.validator('slow');
  const asked = told('waits');
  await waitFor(
    'the question',
    async () => (await world.validator('slow')).workers.some(({ tasks }) => tasks > 0) || undefined,
  );
  for (let at = 0; at < 7; at++) {
    expect(world.home.supervisor(['kick', 'exec', '--force'])).toMatchObject({ status: 0 });
    if (at === 0) expect((await asked).additionalContext).toBe('slow: waits');
    else await told('ls');
  }
  expect(await world.validator('slow')).toMatchObject({
    deaths: [],
    failed: before.failed,
    why: '',
    breaker: 'closed',
  });
  await areInnocent(INNOCENT);
});

test('again and again, its breaker opens and those of the others do not', async () => {
  for (let at = 0; at < BREAKER_DEFAULTS.failuresToOpen; at++)
    expect((await told('exits')).additionalContext).toBe('slow: exits');
  expect(await world.validator('exits')).toMatchObject({ breaker: 'open' });
  await areInnocent(INNOCENT);
  expect((await told('rm -rf /')).permissionDecision).toBe('deny');
});
