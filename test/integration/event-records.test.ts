/** Events that a client and a program have asked about, in the records. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIBRARY_SOCKET } from '../../supervisor/contract/library.js';
import type { CallRecord } from '../../supervisor/contract/records.js';
import { connect } from '../../supervisor/library/client.js';
import { bash, EventWorld } from '../lib/events.js';
import { withSqlite } from '../lib/sqlite.js';
import { waitFor } from '../lib/wait.js';

const world = new EventWorld();
const entry = world.write(
  'guard.mjs',
  `export default { validate: ({ toolInput }) =>
    toolInput.command.includes('bad') ? { decision: 'deny', reason: toolInput.command } : {} };`,
);

beforeAll(() => world.start([{ name: 'guard', entry, level: 'contained', matcher: 'Bash' }]));
afterAll(async () => expect(await world.end()).toEqual([]));

const supervisor = (...args: string[]) => world.home.supervisor(args).stdout;

function history(...args: string[]): CallRecord[] {
  return (JSON.parse(supervisor('history', '--json', '--handler', 'event', ...args)) as { calls: CallRecord[] }).calls;
}

describe('an event', withSqlite, () => {
  test('of a client and of a program: one record each, with what was said, and without what it holds', async () => {
    await world.tell(bash('bad hunter2'));
    const library = connect({ socketPath: join(world.home.runtimeFolder, LIBRARY_SOCKET) });
    const outcome = await library.submit(bash('good hunter2'), { agent: 'claude' });
    library.close();
    expect(outcome.kind).toBe('decided');
    const records = await waitFor('two records', async () => (history().length >= 2 ? history() : undefined));
    expect(records).toMatchObject([
      { handler: 'event PreToolUse Bash', event: { decision: 'deny', validators: [{ name: 'guard', said: 'deny' }] } },
      { handler: 'event PreToolUse Bash', event: { decision: null, validators: [{ name: 'guard', said: 'nothing' }] } },
    ]);
    expect(history('--decision', 'deny')).toHaveLength(1);
    const told = supervisor('db', 'export');
    expect(told.match(/"kind":"event"/g)).toHaveLength(2);
    expect(told).not.toContain('hunter2');
    const { events } = await world.daemon.status();
    expect(events).toMatchObject({ total: 2, byDecision: { deny: 1, none: 1 }, byOutcome: { answered: 2 } });
    expect(supervisor('metrics')).toContain('hook_supervisor_events_by_decision_total{name="deny"} 1\n');
  });
});
