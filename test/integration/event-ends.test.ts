/** Events while their daemon ends: by `down`, by a successor, by being killed. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bash, EventWorld } from '../lib/events.js';
import { descendants, identify, isAlive } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';

let world: EventWorld;
/** Validators answer once it is there. */
let gate: string;
beforeEach(() => {
  world = new EventWorld();
  gate = join(world.folder, 'gate');
  const entry = world.write(
    'slow.mjs',
    `import { existsSync, writeFileSync } from 'node:fs';
export default { async validate(event) {
  writeFileSync(${JSON.stringify(join(world.folder, 'asked'))}, '');
  while (!existsSync(${JSON.stringify(gate)})) await new Promise((done) => setTimeout(done, 10));
  return { decision: 'deny', reason: event.toolInput.command };
} };`,
  );
  world.start([{ name: 'slow', entry, level: 'contained', timeoutMs: 20_000 }]);
});
afterEach(async () => expect(await world.end()).toEqual([]));

const open = () => writeFileSync(gate, '');
const asked = () => waitFor('a question', () => (existsSync(join(world.folder, 'asked')) ? true : undefined));

async function family() {
  const { pid } = await world.daemon.status();
  return [pid, ...descendants([pid])].flatMap((one) => identify(one) ?? []);
}

test('down --drain: an event that runs is answered, and nothing is left of workers', async () => {
  const event = world.tell(bash('x'));
  await asked();
  const before = await family();
  const down = world.home.supervisorLater(['down', '--drain', '15s']);
  await waitFor('the end of listening', () => (existsSync(world.home.callSocket) ? undefined : true));
  expect(await world.tell(bash('y'))).toMatchObject({ code: 2, stdout: '' });
  open();
  expect(await event).toMatchObject({ code: 0, stdout: expect.stringContaining('"permissionDecisionReason":"x"') });
  expect(await down).toMatchObject({ code: 0 });
  expect(before.filter(isAlive)).toEqual([]);
  world.forgetDaemon();
});

test('down at once: an event that runs is refused by its policy or by the client, and nothing is left', async () => {
  const event = world.tell(bash('x'));
  await asked();
  const before = await family();
  expect(await world.home.supervisorLater(['down', '--drain', '0s'])).toMatchObject({ code: 0 });
  const { code, stdout } = await event;
  expect(code === 2 || stdout.includes('"permissionDecision":"deny"')).toBe(true);
  expect(before.filter(isAlive)).toEqual([]);
  world.forgetDaemon();
});

test('restart: an event that runs is answered by the old daemon, the next by the new one', async () => {
  const event = world.tell(bash('x'));
  await asked();
  const old = await family();
  expect(await world.home.supervisorLater(['restart'])).toMatchObject({ code: 0 });
  const next = world.tell(bash('y'));
  open();
  expect(await event).toMatchObject({ code: 0, stdout: expect.stringContaining('"permissionDecisionReason":"x"') });
  expect(await next).toMatchObject({ code: 0, stdout: expect.stringContaining('"permissionDecisionReason":"y"') });
  await waitFor('the end of the old daemon and its workers', () => (old.some(isAlive) ? undefined : true));
});

test('a daemon that is killed: exit 2, and its workers go with it', async () => {
  const event = world.tell(bash('x'));
  await asked();
  const before = await family();
  process.kill(before[0]?.pid ?? 0, 'SIGKILL');
  expect(await event).toMatchObject({ code: 2, stdout: '' });
  await waitFor('the end of its workers', () => (before.some(isAlive) ? undefined : true));
  world.forgetDaemon();
});

test('a client that goes takes its question along, and the worker goes on', async () => {
  const event = world.client(bash('x'));
  await asked();
  event.process.kill('SIGTERM');
  expect(await event.end).toMatchObject({ signal: 'SIGTERM', stdout: '' });
  open();
  expect(await world.tell(bash('y'))).toMatchObject({
    stdout: expect.stringContaining('"permissionDecisionReason":"y"'),
  });
  expect(await world.validator('slow')).toMatchObject({ asked: 1, failed: 0, restarts: 0, workers: [{ answered: 1 }] });
});

test('--timeout: the agent has no more time, so the validator has failed by then', async () => {
  const end = await world.tell(bash('x'), { options: ['--timeout', '300ms'] });
  expect(end).toMatchObject({ code: 0, stdout: expect.stringMatching(/slow failed \(timedOut\)/) });
});
