/** The Python client, against a daemon with real validators. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bash, LibraryDaemon } from '../lib/library.js';
import { waitFor } from '../lib/wait.js';

const FOLDER = fileURLToPath(new URL('../../workers/python', import.meta.url));
const HEAD = `
import json, os, threading, time
from hook_supervisor.client import connect
def bash(command):
    return dict(json.loads(os.environ["EVENT"]), tool_input={"command": command})
def show(value): print(json.dumps(value), flush=True)
library = connect()
`;

let served: LibraryDaemon;
beforeAll(() => {
  served = LibraryDaemon.start();
});
afterAll(async () => {
  expect(await served.daemon.stop(), 'left behind').toEqual([]);
});

function start(program: string, env = served.daemon.home.env): ChildProcess {
  const variables = { ...env, PYTHONPATH: FOLDER, PYTHONDONTWRITEBYTECODE: '1', EVENT: JSON.stringify(bash('')) };
  return spawn('python3', ['-c', HEAD + program], { env: variables, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** What it shows, line by line. */
async function shown(child: ChildProcess): Promise<unknown[]> {
  let text = '';
  child.stdout?.on('data', (piece) => {
    text += piece;
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('tells the verdict, and what nobody can read or knows as refused', async () => {
  const outcomes = await shown(
    start(`
show(library.submit(bash("rm -r /"), agent="claude", priority="critical", timeout_ms=5000, validators=["js"]))
show(library.submit({"é": 1}))
show(library.submit(bash("ls"), validators=["nobody"]))
show(library.submit({"n": float("nan")}))`),
  );
  expect(outcomes).toMatchObject([
    { kind: 'decided', decision: 'deny', reason: 'not that', validators: [{ name: 'js' }] },
    { kind: 'refused', code: 'badEvent' },
    { kind: 'refused', code: 'unknownValidator' },
    { kind: 'refused', code: 'badRequest' },
  ]);
});

test('asks a batch in the order that its items ask for, and none of a cycle', async () => {
  const [kinds, cycle] = await shown(
    start(`
items = [{"event": bash("ls"), "id": "last", "dependsOn": ["bad"]}, {"event": {}, "id": "bad"},
         {"event": bash("ls"), "dependsOn": ["first"]}, {"event": bash("rm"), "id": "first"}]
show([one["kind"] for one in library.submit_batch(items)])
show(library.submit_batch([{"event": {}, "id": "a", "dependsOn": ["b"]}, {"event": {}, "id": "b", "dependsOn": ["a"]}]))`),
  );
  expect(kinds).toEqual(['skipped', 'refused', 'decided', 'decided']);
  const told = { kind: 'refused', code: 'badGraph', message: 'they wait for each other: a, b' };
  expect(cycle).toMatchObject([told, told]);
});

test('a batch of a thousand has its outcomes in order', async () => {
  const [denied] = await shown(
    start(`
outcomes = library.submit_batch([{"event": bash("rm" if n % 3 == 0 else "ls")} for n in range(1000)])
show([n for n, one in enumerate(outcomes) if one.get("decision") == "deny"])`),
  );
  expect(denied).toEqual(Array.from({ length: 334 }, (_, n) => 3 * n));
});

test('who closes while another thread waits aborts what that waits for', async () => {
  const child = start(`
asking = threading.Thread(target=lambda: show(library.submit(bash("wait"))))
asking.start()
time.sleep(0.3)
library.close()
asking.join()
show(library.submit(bash("ls")))`);
  const waited = waitFor('it', async () => (await served.inFlight()) === 1 || undefined);
  const outcomes = await shown(child);
  await waited;
  expect(outcomes).toMatchObject([
    { kind: 'unavailable', code: 'closed' },
    { kind: 'unavailable', code: 'closed' },
  ]);
  await waitFor('the end', async () => (await served.inFlight()) === 0 || undefined);
});

test('is not served where it is confined more than the daemon', async () => {
  const outcomes = await shown(
    start(`
import ctypes
PR_SET_NO_NEW_PRIVS = 38
assert ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
show(library.submit(bash("rm")))`),
  );
  expect(outcomes).toMatchObject([
    { kind: 'unavailable', code: 'notAllowed', message: expect.stringContaining('no_new_privs') },
  ]);
});

test('one that asked nothing while the daemon was replaced finds the next one', async () => {
  const child = start(`
def socket_of_now(): return os.stat(os.path.join(os.environ["SUPERVISOR_RUNTIME_DIR"], "library.sock")).st_ino
before = socket_of_now()
library.submit(bash("ls"))
while socket_of_now() == before: time.sleep(0.05)
time.sleep(1)
show(library.submit(bash("rm"))["kind"])`);
  const outcomes = shown(child);
  await waitFor('it', async () => (await served.daemon.status()).library.connections === 1 || undefined);
  expect((await served.daemon.home.supervisorLater(['restart'])).code).toBe(0);
  expect(await outcomes).toEqual(['decided']);
});

test('finds the daemon that takes over, and says where there is none', async () => {
  const child = start(`
until = time.monotonic() + 4
kinds = set()
while time.monotonic() < until:
    kinds.add(library.submit(bash("rm"))["kind"])
show(sorted(kinds))`);
  const outcomes = shown(child);
  await waitFor('it', async () => (await served.daemon.status()).library.connections === 1 || undefined);
  const { pid } = await served.daemon.status();
  expect((await served.daemon.home.supervisorLater(['restart'])).code).toBe(0);
  expect((await served.daemon.status()).pid).not.toBe(pid);
  expect(await outcomes).toEqual([['decided']]);
  const nowhere = { ...served.daemon.home.env, SUPERVISOR_RUNTIME_DIR: '/tmp/no-such-folder' };
  expect(await shown(start('show(library.submit(bash("ls")))', nowhere))).toMatchObject([
    { kind: 'unavailable', code: 'absent' },
  ]);
});

test('a daemon that is killed before it answers is told as lost', async () => {
  const outcomes = shown(start('show(library.submit(bash("wait")))'));
  await waitFor('it', async () => (await served.inFlight()) === 1 || undefined);
  process.kill((await served.daemon.status()).pid, 'SIGKILL');
  expect(await outcomes).toMatchObject([{ kind: 'unavailable', code: 'lost' }]);
  await waitFor('its end', () => served.daemon.home.supervisor(['up', '-d']).status === 0 || undefined);
});
