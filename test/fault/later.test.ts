/** Validators that are asked after the answer: what they were to be asked about outlives kill -9 of the daemon. */
import { appendFileSync, existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CallRecord } from '../../supervisor/contract/records.js';
import { bash, EventWorld } from '../lib/events.js';
import { descendants, identify, isAlive } from '../lib/processes.js';
import { withSqlite } from '../lib/sqlite.js';
import { waitFor } from '../lib/wait.js';

let world: EventWorld;
let file: string;
beforeEach(() => {
  world = new EventWorld();
  file = join(world.folder, 'done');
});
afterEach(async () => expect(await world.end()).toEqual([]));

/** Answers once the file `gate` is there, and notes that. */
const analyser = () => ({
  name: 'analyser',
  entry: world.write(
    'analyser.mjs',
    `import { appendFileSync, existsSync } from 'node:fs';
export default { async validate({ toolInput, cwd }, { settings, sessionId }) {
  while (!existsSync(settings.file + '.gate')) await new Promise((done) => setTimeout(done, 5));
  if (toolInput.command === 'deadly') process.exit(1);
  appendFileSync(settings.file, toolInput.command + ' ' + sessionId + ' ' + cwd + '\\n');
  return { context: 'seen ' + toolInput.command, decision: 'deny' };
} };`,
  ),
  ...{ level: 'contained', events: ['PostToolUse'], after: true, settings: { file }, timeoutMs: 60_000 },
});
const used = (command: string) => bash(command, { hook_event_name: 'PostToolUse', tool_response: {} });
const open = () => appendFileSync(`${file}.gate`, '');
const done = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
const whenDone = (count: number) => waitFor(`${count} to be done`, () => (done().length >= count ? done() : undefined));
const context = (stdout: string) => JSON.parse(stdout || '{}').hookSpecificOutput?.additionalContext;

const STDIO = 3;
const socketsOf = (pid: number) =>
  readdirSync(`/proc/${pid}/fd`).filter((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:')).length;

describe('with records', withSqlite, () => {
  test('a daemon that is replaced: what it is told until its end is analysed by the next one', async () => {
    world.start([analyser()]);
    await world.tell(used('early'));
    const late = world.client(used('late'), { stdin: null });
    const event = JSON.stringify(used('late'));
    late.process.stdin.write(event.slice(0, 10));
    await waitFor('its connection', () => socketsOf(late.process.pid ?? 0) > STDIO || undefined);
    const old = identify((await world.daemon.status()).pid);
    expect((await world.home.supervisorLater(['restart'])).code).toBe(0);
    open();
    const answered = async () => (await world.validator('analyser')).after?.answered || undefined;
    await waitFor('the next one to have found what was there', answered);
    expect(done()).not.toContain('late s1 /proj');
    late.process.stdin.end(event.slice(10));
    expect(await late.end).toMatchObject({ code: 0 });
    await waitFor('the late one', () => done().includes('late s1 /proj') || undefined);
    await waitFor('the end of the first daemon', () => (old !== undefined && isAlive(old) ? undefined : true));
    // The early one was perhaps begun by both.
    expect(done().filter((line) => line === 'late s1 /proj')).toHaveLength(1);
  });

  test('a daemon that dies with events unanalysed: the next one has all of them analysed, in their order', async () => {
    world.start([analyser()]);
    for (const command of ['one', 'two', 'three']) {
      expect(await world.tell(used(command))).toMatchObject({ code: 0, stdout: '' });
    }
    expect(await world.validator('analyser')).toMatchObject({ after: { pending: 3, undurable: 0 } });
    const waiting = JSON.parse(world.home.supervisor(['history', '--json']).stdout) as { pending: number };
    expect(waiting.pending).toBe(3);
    const { pid } = await world.daemon.status();
    const workers = descendants([pid]).flatMap((one) => identify(one) ?? []);
    process.kill(pid, 'SIGKILL');
    world.forgetDaemon();
    await waitFor('the end of its workers', () => (workers.some(isAlive) ? undefined : true));
    open();
    world.start([analyser()]);
    expect(await whenDone(3)).toEqual(['one s1 /proj', 'two s1 /proj', 'three s1 /proj']);
    const after = await waitFor('the end of all', async () => {
      const told = (await world.validator('analyser')).after;
      return told?.pending === 0 ? told : undefined;
    });
    expect(after).toEqual({ pending: 0, answered: 3, dropped: 0, undurable: 0 });
    expect(context((await world.tell(bash('x'))).stdout)).toBe('seen one\n\nseen two\n\nseen three');
    expect(context((await world.tell(bash('x'))).stdout)).toBeUndefined();
  });

  test('what is done is not done again by the next daemon, and leaves no trace of its event in the records', async () => {
    world.start([analyser()]);
    open();
    await world.tell(used('hunter2'));
    await whenDone(1);
    const records = await waitFor('the record', () => {
      const { stdout } = world.home.supervisor(['history', '--json', '--handler', 'after']);
      const { calls, pending } = JSON.parse(stdout) as { calls: CallRecord[]; pending: number };
      return calls.length > 0 && pending === 0 ? calls : undefined;
    });
    expect(records).toMatchObject([
      {
        handler: 'after PostToolUse Bash',
        event: { decision: null, validators: [{ name: 'analyser', said: 'deny' }] },
      },
    ]);
    world.home.supervisor(['down']);
    world.forgetDaemon();
    const kept = join(world.home.logFile, '..', 'records.db');
    expect(readFileSync(kept, 'latin1')).not.toContain('hunter2');
    world.start([analyser()]);
    await world.tell(used('next'));
    await whenDone(2);
    expect(done().map((line) => line.split(' ')[0])).toEqual(['hunter2', 'next']);
  });

  test('an event whose analysis always fails is given up, told, and holds up the next one no longer', async () => {
    world.start([analyser()]);
    open();
    await world.tell(used('deadly'));
    await world.tell(used('next'));
    expect(await whenDone(1)).toEqual(['next s1 /proj']);
    expect((await world.validator('analyser')).after).toMatchObject({ dropped: 1 });
    expect(world.home.supervisor(['events']).stdout).toContain('events are not analysed: it failed 3 times');
  });
});

test('without records events are analysed all the same, and it is said that they are not written down', async () => {
  world.start([analyser()], { records: { on: false } });
  open();
  await world.tell(used('one'));
  expect(await whenDone(1)).toEqual(['one s1 /proj']);
  expect((await world.validator('analyser')).after).toMatchObject({ undurable: 1 });
  expect(world.home.supervisor(['events']).stdout).toContain('were not written down');
});
