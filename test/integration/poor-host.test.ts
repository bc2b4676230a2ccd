/** Hosts that lack something: the daemon works with what is left and says what is missing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunningStatus } from '../../supervisor/contract/status.js';
import { HOOK_CLIENT, SUPERVISOR, TestHome } from '../lib/daemon.js';
import { pidsNaming } from '../lib/processes.js';
import { findPython } from '../lib/python.js';
import { onlyRoot } from '../lib/skip.js';
import { waitFor } from '../lib/wait.js';

const CONFINE = [findPython().executable, '-I', join(import.meta.dirname, '../attack/confine.py')];

let home: TestHome;
beforeEach(() => {
  home = new TestHome();
});
afterEach(async () => {
  home.supervisor(['down']);
  await waitFor('the end of all', () => (pidsNaming(home.root).length === 0 ? true : undefined));
  home.remove();
});

/** Starts, calls, asks and stops in one shell that runs `through` something: client and daemon see the same host. */
function lifeOfADaemon(through: readonly string[]) {
  const script = `"$1" up -d && "$2" run --explain explain -- echo hello && "$1" status --json > status.json && "$1" down`;
  const [program = '', ...args] = [...through, '/bin/sh', '-c', script, 'sh', SUPERVISOR, HOOK_CLIENT];
  const { status, stdout, stderr } = home.execute(program, args);
  const read = (name: string) => JSON.parse(readFileSync(join(home.root, name), 'utf8'));
  expect(status, `${stdout}${stderr}`).toBe(0);
  return { stdout, stderr, explained: read('explain'), told: read('status.json') as RunningStatus };
}

for (const [name, ways] of [
  ['as it is', []],
  ['under no_new_privs', ['no_new_privs']],
] as const) {
  it(`${name}: rings in sealed memory, nothing degraded about them`, () => {
    const { stdout, explained, told } = lifeOfADaemon([...CONFINE, ...ways, '--']);
    expect(stdout).toBe('hello\n');
    expect(explained.path).toBe('exec');
    expect(told.degraded.filter(({ layer }) => layer.startsWith('ring'))).toEqual([]);
  });
}

it('memfd_create refused: rings in unlinked files, said with reason and remedy, calls pass through them', () => {
  const { stdout, explained, told } = lifeOfADaemon([...CONFINE, 'no_new_privs', 'no_memfd', '--']);
  expect(stdout).toBe('hello\n');
  expect(explained.path).toBe('exec');
  expect(told.ring.records).toBeGreaterThan(3);
  expect(told.degraded.filter(({ layer }) => layer.startsWith('ring'))).toEqual([
    { layer: 'ring:seal', reason: expect.stringContaining('memfd_create'), remedy: expect.stringMatching(/./) },
  ]);
});

it('home read-only: starts, answers, and says where its log is', onlyRoot('can mount'), () => {
  const readOnly = 'mount --bind "$HOME" "$HOME" && mount -o remount,bind,ro "$HOME" && exec "$@"';
  const { stdout, stderr, explained, told } = lifeOfADaemon(['unshare', '--mount', '/bin/sh', '-c', readOnly, 'sh']);
  expect(stdout).toBe('hello\n');
  expect(explained.path).toBe('exec');
  expect(told.running).toBe(true);
  expect(stderr).toContain(home.home);
});
