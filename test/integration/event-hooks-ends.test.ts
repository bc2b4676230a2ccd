/** Hooks of an event while their daemon ends. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bash, EventWorld } from '../lib/events.js';
import { descendants, identify, isAlive } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';

let world: EventWorld;
/** The hook refuses once it is there. */
let gate: string;
beforeEach(() => {
  world = new EventWorld();
  gate = join(world.folder, 'gate');
  const begun = join(world.folder, 'begun');
  const command = `touch ${begun}; until [ -e ${gate} ]; do sleep 0.01; done; echo no >&2; exit 2`;
  world.start([], { hooks: [{ name: 'slow', command }] });
});
afterEach(async () => expect(await world.end()).toEqual([]));

/** An event whose hook runs, and all processes of the daemon. */
async function begun() {
  const end = world.tell(bash('x'));
  await waitFor('the hook', () => existsSync(join(world.folder, 'begun')) || undefined);
  const { pid } = await world.daemon.status();
  return { end, all: [pid, ...descendants([pid])].flatMap((one) => identify(one) ?? []) };
}

test('down --drain: the hook ends by itself, and its event is answered', async () => {
  const { end, all } = await begun();
  const down = world.home.supervisorLater(['down', '--drain', '15s']);
  await waitFor('the end of listening', () => (existsSync(world.home.callSocket) ? undefined : true));
  writeFileSync(gate, '');
  expect(await end).toMatchObject({ code: 2, stdout: '', stderr: 'no\n' });
  expect(await down).toMatchObject({ code: 0 });
  expect(all.filter(isAlive)).toEqual([]);
  world.forgetDaemon();
});

test('down at once: the event is refused, and nothing is left of its hook', async () => {
  const { end, all } = await begun();
  expect(await world.home.supervisorLater(['down', '--drain', '0s'])).toMatchObject({ code: 0 });
  expect((await end).code).not.toBe(0);
  await waitFor('the end of all', () => !all.some(isAlive) || undefined);
  world.forgetDaemon();
});

test('restart: the old daemon answers it, the new one runs the next', async () => {
  const { end } = await begun();
  expect(await world.home.supervisorLater(['restart'])).toMatchObject({ code: 0 });
  const next = world.tell(bash('y'));
  writeFileSync(gate, '');
  for (const one of [end, next]) expect(await one).toMatchObject({ code: 2, stdout: '', stderr: 'no\n' });
});

test('a daemon that is killed: exit 2, and its hooks go with it', async () => {
  const { end, all } = await begun();
  process.kill(all[0]?.pid ?? 0, 'SIGKILL');
  expect(await end).toMatchObject({ code: 2, stdout: '' });
  await waitFor('the end of its hook', () => !all.some(isAlive) || undefined);
  world.forgetDaemon();
});
