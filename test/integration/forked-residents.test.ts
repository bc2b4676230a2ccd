/** Workers of Python in a whole daemon: which pool they come from, and what happens to them with their zygote. */
import { readlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LEVEL_NEEDS } from '../../supervisor/contract/isolation.js';
import { bash, EventWorld } from '../lib/events.js';
import { hostLayers } from '../lib/resident.js';
import { waitFor } from '../lib/wait.js';

const layers = await hostLayers();
const lacking = LEVEL_NEEDS.untrusted.filter((name) => !layers.includes(name));
const SIGKILL = 9;

let world: EventWorld;
let entry: string;
beforeEach(() => {
  world = new EventWorld();
  entry = world.write(
    'guard.py',
    `from hook_supervisor import inform, validator
@validator
def judge(event, context):
    return inform(context.name)
`,
  );
});
afterEach(async () => expect(await world.end()).toEqual([]));

const contexts = async () => {
  const { code, stdout } = await world.tell(bash('x'));
  expect(code).toBe(0);
  return String(JSON.parse(stdout).hookSpecificOutput.additionalContext).split('\n\n').sort();
};
const forking = async () =>
  (await world.daemon.status()).pools.filter(({ describes }) => describes.endsWith('for resident workers'));
const zygotePid = async () => {
  const [pool] = await forking();
  return pool?.workers.find(({ kind }) => kind === 'zygote')?.pid;
};

test('those of several validators, each in its own sandbox, come from one zygote, and none waits parked', async ({
  skip,
}) => {
  if (lacking.length > 0) skip(`this host lacks ${lacking.join(', ')}`);
  const names = ['a', 'b', 'c'];
  // By themselves: what holds them hides from its own user.
  const telling = world.write(
    'telling.py',
    'import os\ndef validate(event, context):\n    return {"context": context["name"] + " " + os.readlink("/proc/self/ns/net")}\n',
  );
  world.start(names.map((name) => ({ name, entry: telling, level: 'untrusted', read: [`/usr/${name}`] })));
  const told = (await contexts()).map((text) => text.split(' '));
  expect(told.map(([name]) => name)).toEqual(names);
  const { pools, validators } = await world.daemon.status();
  expect(pools.map(({ runtime }) => runtime).sort()).toEqual(['exec', 'python']);
  const [pool] = await forking();
  const pids = validators.flatMap(({ workers }) => workers.map(({ pid }) => pid));
  expect(pids).toHaveLength(3);
  await waitFor('no more than those', async () => {
    const workers = (await forking())[0]?.workers ?? [];
    return workers.filter(({ kind }) => kind !== 'zygote').length === 3 || undefined;
  });
  expect(pool?.describes).toMatch(/ -s for resident workers$/);
  const namespaces = told.map(([, namespace]) => namespace);
  expect(new Set([...namespaces, readlinkSync('/proc/self/ns/net')]).size).toBe(4);
});

test('they go on without their zygote, and the next one comes from another', async () => {
  world.start([
    { name: 'a', entry, level: 'contained', events: ['PreToolUse'] },
    { name: 'b', entry, level: 'contained', events: ['PostToolUse'] },
  ]);
  expect(await contexts()).toEqual(['a']);
  const before = await zygotePid();
  process.kill(before ?? 0, SIGKILL);
  const after = await waitFor('another zygote', async () => {
    const pid = await zygotePid();
    return pid === before ? undefined : pid;
  });
  expect(await contexts()).toEqual(['a']);
  expect((await world.validator('a')).restarts).toBe(0);
  const { code } = await world.tell({ ...bash('x'), hook_event_name: 'PostToolUse', tool_response: {} });
  expect([code, (await world.validator('b')).workers.length, await zygotePid()]).toEqual([0, 1, after]);
});

test('where warm interpreters are switched off each is executed', async () => {
  world.start([{ name: 'a', entry, level: 'contained' }], { pythonWarm: false });
  expect(await contexts()).toEqual(['a']);
  expect(await forking()).toEqual([]);
});

test('and so it is where the zygote cannot serve, and nobody is told of a failure', async () => {
  Object.assign(world.home.env, { PYTHONMALLOC: 'malloc' });
  world.start([{ name: 'a', entry, level: 'contained', timeoutMs: 20_000 }]);
  expect(await contexts()).toEqual(['a']);
  expect(await world.validator('a')).toMatchObject({ failed: 0, restarts: 0 });
});
