import { describe, expect, test } from 'vitest';
import { type CgroupFacts, findBase, groupsOf } from '../../../supervisor/cgroup/base.js';

const V2 = '30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate';

function facts(change: Partial<CgroupFacts> & { folders?: Record<string, object> }): CgroupFacts {
  const { folders, ...rest } = change;
  return {
    selfCgroup: '0::/user.slice/mine.scope\n',
    mountInfo: V2,
    uid: 1000,
    hasSystemd: true,
    explicitPath: null,
    look(folder) {
      const found = (folders ?? { '/sys/fs/cgroup/user.slice/mine.scope': {} })[folder];
      return found && { writable: true, ownerUid: 1000, isRoot: false, ...found };
    },
    ...rest,
  };
}

describe('where our groups may lie', () => {
  test('own delegated scope of an ordinary user', () => {
    expect(findBase(facts({}))).toEqual({
      ok: true,
      folder: '/sys/fs/cgroup/user.slice/mine.scope',
      mount: '/sys/fs/cgroup',
      needsLeafMove: true,
    });
  });

  test('a daemon started in the leaf of an earlier one works beside it, not below', () => {
    const folders = { '/sys/fs/cgroup/a/sup': {}, '/sys/fs/cgroup/a/w': {}, '/sys/fs/cgroup/a': {} };
    expect(findBase(facts({ selfCgroup: '0::/a/sup\n', folders }))).toMatchObject({
      ok: true,
      folder: '/sys/fs/cgroup/a',
    });
  });

  test('not writable -> the reason names folder and uid, the remedy is a command', () => {
    const base = findBase(facts({ folders: { '/sys/fs/cgroup/user.slice/mine.scope': { writable: false } } }));
    expect(base).toMatchObject({ ok: false, reason: expect.stringContaining('uid 1000') });
    expect(base).toMatchObject({ remedy: expect.stringContaining('systemd-run --user --scope -p Delegate=yes') });
  });

  test('read-only mount, as in a plain container -> the remedy is a container option', () => {
    const mountInfo = V2.replace('rw,nosuid', 'ro,nosuid');
    const base = findBase(facts({ selfCgroup: '0::/\n', mountInfo, folders: { '/sys/fs/cgroup': {} } }));
    expect(base).toMatchObject({ ok: false, remedy: expect.stringContaining('writable-cgroups=true') });
  });

  test('writable mount, but the group of the container is root’s -> the remedy is its hand-over, not systemd', () => {
    const folders = { '/sys/fs/cgroup': { writable: false } };
    const base = findBase(facts({ selfCgroup: '0::/\n', hasSystemd: false, folders }));
    expect(base).toMatchObject({ ok: false, remedy: expect.stringContaining('docker/delegate.sh USER') });
  });

  test('root on a systemd host: a group that is not delegated is left alone', () => {
    const selfCgroup = '0::/user.slice/session-3.scope\n';
    const folders = { '/sys/fs/cgroup/user.slice/session-3.scope': {} };
    expect(findBase(facts({ uid: 0, selfCgroup, folders }))).toMatchObject({ ok: false });
  });

  test('the real root group needs no leaf', () => {
    const base = findBase(
      facts({ uid: 0, hasSystemd: false, selfCgroup: '0::/\n', folders: { '/sys/fs/cgroup': { isRoot: true } } }),
    );
    expect(base).toMatchObject({ ok: true, needsLeafMove: false });
  });

  test('hybrid host: the unified tree is there but has no controllers', () => {
    const mountInfo = V2.replace('/sys/fs/cgroup', '/sys/fs/cgroup/unified');
    const folders = { '/sys/fs/cgroup/unified': {} };
    const base = findBase(facts({ selfCgroup: '0::/\n', mountInfo, folders }));
    expect(base).toMatchObject({ ok: false, reason: expect.stringContaining('cgroup v1') });
  });

  test('cgroup v1 only', () => {
    expect(findBase(facts({ mountInfo: '30 24 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw' }))).toMatchObject({
      ok: false,
      reason: 'no unified cgroup v2 tree is mounted',
    });
  });
});

describe('groups that limit our workers', () => {
  test('from the innermost to the root of what we see', () => {
    expect(groupsOf(facts({}), '/a/w/x')).toEqual([
      ...['/sys/fs/cgroup/a/w/x', '/sys/fs/cgroup/a/w', '/sys/fs/cgroup/a', '/sys/fs/cgroup'],
    ]);
  });

  test('without groups of ours: those that the daemon is in', () => {
    expect(groupsOf(facts({ selfCgroup: '4:memory:/m\n0::/a\n' }), '')).toEqual(['/sys/fs/cgroup/a', '/sys/fs/cgroup']);
    expect(groupsOf(facts({ selfCgroup: '0::/\n' }), '')).toEqual(['/sys/fs/cgroup']);
  });

  test('without a v2 tree: none; of a very deep one not all', () => {
    expect(groupsOf(facts({ mountInfo: '' }), '/a')).toEqual([]);
    expect(groupsOf(facts({ selfCgroup: '4:memory:/m\n' }), '')).toEqual([]);
    expect(groupsOf(facts({}), '/a'.repeat(100))).toHaveLength(16);
  });
});
