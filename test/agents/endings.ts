/** Hooks that do not end by themselves: what the agent does at their time-out, and when it is ended itself; and that nothing of
 *  a wrapped hook is left then. */
import { expect, it } from 'vitest';
import { HOOK_CLIENT } from '../lib/daemon.js';
import { waitFor } from '../lib/wait.js';
import { NOTES_FILE, SAYS } from './cases.js';
import type { AgentClient, WantedHooks } from './clients/client.js';
import type { AgentWorld, Session } from './world.js';

const TREE_FILE = 'tree';
const TREE_SIZE = 4;
/** Itself, deaf to SIGTERM; a child; a child in a session of its own, and an orphan in one, that hold none of its outputs. */
const tree = (seconds: number) =>
  [
    `trap '' TERM INT; add() { echo $1 >> ${TREE_FILE}; }; add $$`,
    `sleep ${seconds} & own=$!; add $own`,
    'setsid sleep 60 > /dev/null 2>&1 & add $!',
    '(setsid sleep 60 > /dev/null 2>&1 & add $!)',
    'wait $own',
  ].join('; ');
const DIRECT_SECONDS = 3;
const TIMEOUT_MS = 1_000;
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** A tool that notes how many of the tree live while it runs. A script, since Gemini refuses commands with `$(`. */
const FILES = {
  'count.sh': `living=0
for pid in $(cat ${TREE_FILE} 2> /dev/null); do kill -0 $pid 2> /dev/null && living=$((living + 1)); done
echo $living > ${NOTES_FILE}
`,
};
const TURNS = [{ command: `sh count.sh; ${SAYS}` }, { text: 'done' }];
const WENT_ON = 'the tool speaks';

const before = (command: string, timeoutMs: number): WantedHooks => ({ beforeTool: [{ command, timeoutMs }] });

export function itEndsWhatItLeaves(client: AgentClient, worldOf: () => AgentWorld): void {
  it('a time-out: the call goes on as in a direct run, and finds the whole tree gone', async () => {
    const world = worldOf();
    world.wants(before(tree(DIRECT_SECONDS), TIMEOUT_MS), FILES);
    const direct = world.begin(TURNS);
    const { code, signal, talks } = await direct.end;
    expect(talks).toContain(WENT_ON);
    const living = Number(world.written(NOTES_FILE));
    world.endLeft(direct.nonce);
    world.install();
    const wrapped = world.begin(TURNS);
    expect(await wrapped.end).toMatchObject({ code, signal, talks });
    expect(world.written(NOTES_FILE)).toBe('0\n');
    expect(await world.left(wrapped.nonce)).toEqual([]);
    console.log(`${client.name}, as the call goes on: ${living} of ${TREE_SIZE} live in a direct run, 0 wrapped`);
  });

  it('a client without a time-out of its own: what the agent does to it ends the whole tree', async () => {
    const world = worldOf();
    world.wants(before(`${HOOK_CLIENT} sh --shell bash -- ${quoted(tree(60))}`, TIMEOUT_MS), FILES);
    const session = world.begin(TURNS);
    expect((await session.end).talks).toContain(WENT_ON);
    expect(await world.left(session.nonce)).toEqual([]);
  });

  it.each(['SIGINT', 'SIGKILL'] as const)(
    '%s to the agent while a hook runs: it ends alike, nothing left',
    async (cause) => {
      const world = worldOf();
      world.wants(before(tree(60), 50_000), FILES);
      const direct = await withTree(world);
      direct.agent.kill(cause);
      const { code, signal, talks } = await direct.end;
      const left = world.processes(direct.nonce).length;
      world.endLeft(direct.nonce);
      world.install();
      const wrapped = await withTree(world);
      wrapped.agent.kill(cause);
      expect(await wrapped.end).toMatchObject({ code, signal, talks });
      expect(await world.left(wrapped.nonce)).toEqual([]);
      console.log(`${client.name}, ${cause}: a direct run leaves ${left} of ${TREE_SIZE}, wrapped 0`);
    },
  );
}

/** A session once the whole tree of its hook is there. */
async function withTree(world: AgentWorld): Promise<Session> {
  const session = world.begin(TURNS);
  const size = () => world.written(TREE_FILE).split('\n').length - 1;
  await waitFor('the tree', () => (size() === TREE_SIZE ? true : undefined), 30_000);
  return session;
}
