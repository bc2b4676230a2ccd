/** Hooks and validators that tell events themselves. Without groups: with them the client of such a one is refused by its group. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOOK_CLIENT } from '../lib/daemon.js';
import { bash, EventWorld } from '../lib/events.js';
import { waitFor } from '../lib/wait.js';

const world = new EventWorld();
const at = (name: string) => join(world.folder, name);
const event = (tool: string) => bash('x', { tool_name: tool });
const tell = (tool: string) => world.tell(event(tool));

const WHY = 'failed (refused): hooks are not run for an event that comes from inside a hook or a validator';
const denied = (name: string) => expect.stringContaining(`"permissionDecisionReason":"${name} ${WHY}`);
const CLIENT = `${HOOK_CLIENT} event`;
const other = (tool: string) => `echo '${JSON.stringify(event(tool))}' | ${CLIENT}`;
/** A line for each time that it was begun. */
const begun = (name: string) => `echo >> ${at(name)}`;
const timesBegun = (name: string) => readFileSync(at(name), 'utf8').length;
const wholeLater = (name: string, command: string) => `${command} > ${at(name)}.new; mv ${at(name)}.new ${at(name)}`;

/** What the hook's client is run through, and who is refused. */
const SELF = {
  plain: `cd / && ${CLIENT}`,
  script: `exec sh ${world.write('inner.sh', `exec ${CLIENT}\n`)}`,
  call: `cd / && ${HOOK_CLIENT} run -- sh -c 'cat | ${CLIENT}'`,
  session: `setsid -w ${CLIENT}`,
};
const SELF_NAMES = Object.keys(SELF) as (keyof typeof SELF)[];

const orphan = world.write(
  'orphan.sh',
  `while kill -0 $1; do sleep 0.01; done; ${wholeLater('told', `${CLIENT} < ${at('kept')}`)}`,
);
const hooks = [
  ...SELF_NAMES.map((name) => ({ name, command: `${begun(name)}; ${SELF[name]}`, matcher: `Self-${name}` })),
  {
    name: 'left',
    command: `${begun('left')}; cat > ${at('kept')}; setsid sh ${orphan} $$ > /dev/null 2>&1 &`,
    matcher: 'Left',
  },
  { name: 'ping', command: `${begun('ping')}; ${other('Pong')}`, matcher: 'Ping' },
  { name: 'pong', command: `${begun('pong')}; ${other('Ping')}`, matcher: 'Pong' },
  { name: 'free', command: `cat > /dev/null; ${other('Unmeant')}; echo free >&2; exit 2`, matcher: 'Free' },
  { name: 'many', command: 'cat > /dev/null; echo no >&2; exit 2', matcher: 'Many' },
  { name: 'guard', command: 'cat > /dev/null; exit 0', matcher: 'Guarded' },
];
const asks = {
  name: 'asks',
  runtime: 'exec',
  entry: world.write(
    'asks.sh',
    `#!/bin/sh
echo '{"protocol":1}'
while read -r line; do
  id=\${line#'{"id":'}
  case $line in *'"forget":true}') continue ;; esac
  { ${wholeLater('from-validator', other('Guarded'))}; } < /dev/null
  echo "{\\"id\\":\${id%%,*},\\"verdict\\":{}}"
done
`,
  ),
  ...{ level: 'contained', matcher: 'Asked', timeoutMs: 20_000 },
};

beforeAll(() => world.start([asks], { hooks, cgroup: 'none' }));
afterAll(async () => expect(await world.end()).toEqual([]));

describe('a hook that tells its own event is begun once, and the answer denies by its name', () => {
  test.each(SELF_NAMES)('%s', async (name) => {
    expect(await tell(`Self-${name}`)).toMatchObject({ code: 0, stdout: denied(name) });
    expect(timesBegun(name)).toBe(1);
  });

  test('from the background, when the hook has ended', async () => {
    expect(await tell('Left')).toMatchObject({ code: 0, stdout: '' });
    const told = await waitFor('its answer', () =>
      existsSync(at('told')) ? readFileSync(at('told'), 'utf8') : undefined,
    );
    expect(told).toEqual(denied('left'));
    expect(timesBegun('left')).toBe(1);
  });

  test('by way of another: that is not begun at all', async () => {
    expect(await tell('Ping')).toMatchObject({ stdout: denied('pong') });
    expect([timesBegun('ping'), existsSync(at('pong'))]).toEqual([1, false]);
  });
});

test('from inside a validator: its event is denied by the hook that was not run', async () => {
  expect(await tell('Asked')).toMatchObject({ code: 0, stdout: '' });
  expect(readFileSync(at('from-validator'), 'utf8')).toEqual(denied('guard'));
});

test('an event that concerns no hook is answered from inside one, too', async () => {
  expect(await tell('Free')).toMatchObject({ code: 2, stderr: 'free\n' });
});

test('many at once that come from elsewhere are all run', async () => {
  const all = await Promise.all(Array.from({ length: 12 }, () => tell('Many')));
  expect(all.map(({ code, stderr }) => `${code} ${stderr}`)).toEqual(all.map(() => '2 no\n'));
});

test('it is told as what it is', async () => {
  await tell('Self-plain');
  expect(world.home.supervisor(['events', '--json']).stdout).toMatch(/eventFromInside/);
});
