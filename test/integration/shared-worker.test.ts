/** Built-in validators of one sandbox live in one process: what becomes of it becomes of each of them, and of nobody else. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUILTIN_VALIDATORS } from '../../supervisor/contract/validating.js';
import { bash, EventWorld } from '../lib/events.js';
import { waitFor } from '../lib/wait.js';

const world = new EventWorld();
const builtin = BUILTIN_VALIDATORS.map((name) => ({ name, entry: `builtin:${name}` }));
const mine = (name: string) => ({ name, entry: world.write(`${name}.mjs`, 'export const validate = () => {};') });
const validators: readonly ({ name: string } & Record<string, unknown>)[] = [
  ...builtin,
  { name: 'strict', entry: 'builtin:command-safety', settings: { rules: { 'git-push-forced': 'deny' } } },
  { name: 'shut-in', entry: 'builtin:secrets', level: 'untrusted', allowDegraded: true },
  { name: 'unusual', entry: 'builtin:secrets', settings: { no: 'such key' }, onFailure: 'continue' },
  { ...mine('one'), level: 'contained' },
  { ...mine('two'), level: 'contained' },
];
const SHARED = [...BUILTIN_VALIDATORS, 'strict', 'unusual'];

beforeAll(async () => {
  world.start(validators);
  await world.tell(bash('ls'));
});
afterAll(async () => expect(await world.end()).toEqual([]));

async function pids(): Promise<Record<string, (number | null)[]>> {
  const { validators: all } = await world.daemon.status();
  return Object.fromEntries(all.map(({ name, workers }) => [name, workers.map(({ pid }) => pid)]));
}

test('six built-in validators are one process; one with other rights is another, and so is each of a user', async () => {
  const all = await pids();
  expect(Object.values(all).map(({ length }) => length)).toEqual(validators.map(() => 1));
  expect(new Set(SHARED.map((name) => all[name]?.[0])).size).toBe(1);
  expect(new Set(Object.values(all).flat()).size).toBe(4);
});

test('each has its own settings, counts and failures', async () => {
  const { stdout } = await world.tell(bash('git push --force origin main'));
  expect(JSON.parse(stdout).hookSpecificOutput).toMatchObject({ permissionDecision: 'deny' });
  expect(await world.validator('strict')).toMatchObject({ denied: 1, failed: 0 });
  expect(await world.validator('command-safety')).toMatchObject({ denied: 0, failed: 0 });
  expect(await world.validator('secrets')).toMatchObject({ failed: 0 });
  const { asked, failed, deaths } = await world.validator('unusual');
  expect({ failed, deaths }).toEqual({ failed: asked, deaths: [] });
});

test('people are told which are in one process', async () => {
  const [pid] = (await pids()).secrets ?? [];
  const { stdout } = world.home.supervisor(['status']);
  const flat = stdout.replace(/\s+/g, ' ');
  expect(flat).toContain(`one process, pid ${pid}: ${SHARED.join(', ')}`);
  expect(stdout.match(/one process/g)).toHaveLength(1);
});

test('the death of the process is one of each of them and of no other, and one successor serves them all', async () => {
  const before = await pids();
  const [pid] = before.secrets ?? [];
  process.kill(pid ?? 0, 'SIGKILL');
  await waitFor('its deaths', async () => (await world.validator('drift')).deaths.length > 0 || undefined);
  for (const name of Object.keys(before)) {
    const { deaths } = await world.validator(name);
    expect(deaths, name).toEqual(SHARED.includes(name) ? [{ cause: 'crashed', count: 1 }] : []);
  }
  const { stdout } = await world.tell(bash('rm -rf /'));
  expect(JSON.parse(stdout).hookSpecificOutput).toMatchObject({ permissionDecision: 'deny' });
  const after = await pids();
  const successors = new Set(SHARED.map((name) => after[name]?.[0]));
  expect([successors.size, successors.has(pid ?? 0)]).toEqual([1, false]);
  for (const name of ['shut-in', 'one', 'two']) expect(after[name], name).toEqual(before[name]);
});

test('one whose settings change finds its place in the same process, and one that goes leaves the others there', async () => {
  const before = await pids();
  const changed = validators.flatMap((one) => {
    if (one.name === 'drift') return [];
    return one.name === 'secrets' ? [{ ...one, settings: { ignore: ['x'] } }] : [one];
  });
  world.configure(changed);
  expect(world.home.supervisor(['reload'])).toMatchObject({ status: 0 });
  await world.tell(bash('ls'));
  const after = await pids();
  expect(after.drift).toBeUndefined();
  expect(after).toEqual(Object.fromEntries(Object.entries(before).filter(([name]) => name !== 'drift')));
});
