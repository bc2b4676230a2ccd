/** What the container's scripts do with a cgroup, as root and not. That the kernel agrees: test/vm. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { FakeContainer } from './scripts.js';

let container: FakeContainer;
afterEach(() => container.remove());

describe('delegate.sh', () => {
  test('root, writable: moves what is there, process 1 too, turns the controllers on, hands over what the kernel names', () => {
    container = new FakeContainer(0);
    const { status, stderr } = container.run('delegate.sh');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(container.movedIn()).toEqual(['1', expect.stringMatching(/^\d+$/)]);
    expect(container.controllersOn()).toEqual(['+memory', '+pids', '+cpu', '+io', '+cpuset']);
    const { group } = container;
    expect(container.chowned()).toEqual([
      `hook ${group}`,
      `hook ${group}/cgroup.procs`,
      `hook ${group}/cgroup.subtree_control`,
    ]);
  });

  test('root, read-only: one line with the reason and the option, and nothing is handed over', () => {
    container = new FakeContainer(0);
    container.command('mkdir', 'echo "mkdir: cannot create directory: Read-only file system" >&2; exit 1');
    const { status, stderr } = container.run('delegate.sh');
    expect(status).toBe(1);
    expect(stderr).toBe(
      'hook-supervisor: no cgroup of its own (Read-only file system; docker run --security-opt writable-cgroups=true): ' +
        'no process limit, memory by polling only\n',
    );
    expect(container.chowned()).toEqual([]);
  });

  test('handed over before: the answer is yes, and nothing is done again', () => {
    container = new FakeContainer(0);
    mkdirSync(container.group);
    container.command('stat', 'echo hook');
    const { status, stderr } = container.run('delegate.sh');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(container.chowned()).toEqual([]);
  });

  test('not root: one line, and no group is made', () => {
    container = new FakeContainer(1000);
    const { status, stderr } = container.run('delegate.sh');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^hook-supervisor: no cgroup of its own \(only root can hand one over.*\n$/);
    expect(existsSync(container.group)).toBe(false);
  });

  test('a controller that cannot be had: the group is taken back', () => {
    container = new FakeContainer(0);
    container.command('rmdir', 'rm -r "$1"'); // the kernel takes a group's files away with it
    container.command('sleep', ':');
    container.command('mkdir', '/bin/mkdir "$1" && touch "$1/cgroup.procs"');
    container.removeFile('cgroup.subtree_control');
    mkdirSync(join(container.cgroup, 'cgroup.subtree_control')); // refuses every write
    const { status, stderr } = container.run('delegate.sh');
    expect(status).toBe(1);
    expect(stderr).toContain('the memory controller cannot be had');
    expect(existsSync(container.group)).toBe(false);
    expect(container.chowned()).toEqual([]);
  });

  test.each([
    ['cgroup.events', 'is the root of the host'],
    ['cgroup.controllers', 'no cgroup v2'],
  ])('without %s it is not the group of a container, and left alone', (file, reason) => {
    container = new FakeContainer(0);
    container.command('grep', 'exit 0');
    container.removeFile(file);
    const { status, stderr } = container.run('delegate.sh');
    expect(status).toBe(1);
    expect(stderr).toContain(reason);
    expect(existsSync(container.group)).toBe(false);
  });
});

test('delegate.sh leaves a tree alone in which it is not listed: it is the tree of another', () => {
  container = new FakeContainer(0);
  container.write('cgroup.procs', '1\n');
  const { status, stderr } = container.run('entrypoint.sh', 'true');
  expect(status).toBe(0);
  expect(stderr).toContain('is not the group of this container');
  expect(existsSync(container.group)).toBe(false);
});

describe('entrypoint.sh', () => {
  test('root: becomes the user for good, and runs the command with its status', () => {
    container = new FakeContainer(0);
    container.command('hook-supervisor-delegate', 'echo "handed to $1" >&2');
    const { status, stdout, stderr } = container.run(
      'entrypoint.sh',
      '/bin/sh',
      '-c',
      'echo "$1"; exit 3',
      'sh',
      'a b',
    );
    expect({ status, stdout, stderr }).toEqual({ status: 3, stdout: 'a b\n', stderr: 'handed to hook\n' });
    expect(container.dropped()).toEqual([
      '--reuid hook --regid hook --init-groups -- /bin/sh -c echo "$1"; exit 3 sh a b',
    ]);
  });

  test('root that may not hand a group over: says so in one line, and goes on as the user', () => {
    container = new FakeContainer(0);
    container.removeFile('cgroup.controllers');
    const { status, stdout, stderr } = container.run('entrypoint.sh', 'echo', 'on');
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'on\n' });
    expect(stderr).toMatch(/^hook-supervisor: no cgroup of its own.*\n$/);
    expect(container.dropped()).toHaveLength(1);
  });

  test('not root: says what is reduced in one line, and goes on', () => {
    container = new FakeContainer(1000);
    const { status, stdout, stderr } = container.run('entrypoint.sh', 'echo', 'on');
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'on\n' });
    expect(stderr).toMatch(/^hook-supervisor: no cgroup of its own.*\n$/);
    expect(container.dropped()).toEqual([]);
  });
});
