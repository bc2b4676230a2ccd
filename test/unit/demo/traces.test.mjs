// What the demo counts as its own leavings, on snapshots made by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tracesOf } from '../../demo/traces.mjs';

const OWN = { pid: 100, folder: '/tmp/demo' };
const INIT = { pid: 1, parentPid: 0 };
const DEMO = { pid: 100, parentPid: 1 };

function snapshot({ processes = [], sockets = {}, holders = {}, groups = {}, place = '0::/', files = [] } = {}) {
  const described = [INIT, DEMO, ...processes].map((one) => ({ hasEnded: false, command: 'sh', told: '', ...one }));
  return {
    processes: new Map(described.map((one) => [`${one.pid} ${one.startTicks ?? 5}`, one])),
    sockets: new Map(Object.entries(sockets)),
    holders: new Map(Object.entries(holders).map(([inode, pids]) => [Number(inode), pids])),
    groups: new Map([['/cg', [1]], ...Object.entries(groups)]),
    place,
    files,
  };
}

/** What is told of one kind after a change. */
function told(kind, change) {
  const { ours, unclear, theirs } = tracesOf(snapshot(), snapshot(change), OWN).find((trace) => trace.kind === kind);
  return { ours, unclear, theirs };
}
const theSame = { ours: [], unclear: [], theirs: 0 };
const isOurs = (...ours) => ({ ours, unclear: [], theirs: 0 });
const isUnclear = (...unclear) => ({ ours: [], unclear, theirs: 0 });
const isTheirs = { ours: [], unclear: [], theirs: 1 };

test('nothing new: all kinds are the same', () => {
  const traces = tracesOf(snapshot(), snapshot(), OWN);
  const kinds = ['processes', '/proc/net/unix', 'cgroup tree', 'runtime folder'];
  assert.deepEqual(
    traces.map(({ kind }) => kind),
    kinds,
  );
  for (const { ours, unclear, theirs } of traces) assert.deepEqual({ ours, unclear, theirs }, theSame);
});

for (const [name, processes, expected] of [
  ['a child', [{ pid: 7, parentPid: 100 }], isOurs('7 sh')],
  [
    'a grandchild',
    [
      { pid: 7, parentPid: 8 },
      { pid: 8, parentPid: 100 },
    ],
    isOurs('7 sh', '8 sh'),
  ],
  ['one elsewhere that names our folder', [{ pid: 7, parentPid: 1, told: 'HOME=/tmp/demo/home' }], isOurs('7 sh')],
  ['one elsewhere', [{ pid: 7, parentPid: 1 }], isTheirs],
  ['the pid of an earlier one, started later', [{ pid: 1, parentPid: 0, startTicks: 9 }], isTheirs],
  ['one whose parent is gone', [{ pid: 7, parentPid: 66 }], isUnclear('7 sh')],
  [
    'a child that nobody has reaped',
    [{ pid: 7, parentPid: 100, hasEnded: true }],
    isUnclear('7 sh has ended, is not reaped'),
  ],
]) {
  test(`processes: ${name}`, () => assert.deepEqual(told('processes', { processes }), expected));
}

test('processes: one that has ended meanwhile is no difference', () => {
  const [trace] = tracesOf(snapshot({ processes: [{ pid: 7, parentPid: 1 }] }), snapshot(), OWN);
  assert.deepEqual(trace.ours, []);
});

const ours = { pid: 7, parentPid: 100 };
const stranger = { pid: 8, parentPid: 1 };
for (const [name, change, expected] of [
  [
    'in our folder, whoever holds it',
    { processes: [stranger], sockets: { '/tmp/demo/s': [3] }, holders: { 3: [8] } },
    isOurs('/tmp/demo/s'),
  ],
  ['held by a process of ours', { processes: [ours], sockets: { '@x': [3] }, holders: { 3: [7] } }, isOurs('@x')],
  ['held by a stranger', { processes: [stranger], sockets: { '@x': [3] }, holders: { 3: [8] } }, isTheirs],
  ['no holder seen, none of ours alive', { sockets: { '@x': [3] } }, isTheirs],
  ['no holder seen, one of ours alive', { processes: [ours], sockets: { '@x': [3] } }, isUnclear('@x')],
]) {
  test(`sockets: ${name}`, () => assert.deepEqual(told('/proc/net/unix', change), expected));
}

for (const [name, change, expected] of [
  ['empty', { groups: { '/cg/w': [] } }, isUnclear('/cg/w')],
  [
    'with a process of ours in a group below',
    { processes: [ours], groups: { '/cg/w': [], '/cg/w/leaf': [7] } },
    isOurs('/cg/w', '/cg/w/leaf'),
  ],
  ['with a stranger in it', { processes: [stranger], groups: { '/cg/w': [8] } }, isTheirs],
  ['with a process of another pid namespace in it', { groups: { '/cg/w': [0] } }, isTheirs],
  ['not there, but we are moved', { place: '0::/sup' }, isOurs('this process was in 0::/, and is in 0::/sup')],
]) {
  test(`cgroups: a new one ${name}`, () => assert.deepEqual(told('cgroup tree', change), expected));
}

test('files: new and missing ones are ours', () => {
  assert.deepEqual(told('runtime folder', { files: ['/tmp/demo/run'] }), isOurs('/tmp/demo/run'));
  const traces = tracesOf(snapshot({ files: ['/tmp/demo/tmp'] }), snapshot(), OWN);
  assert.deepEqual(traces[3].ours, ['no longer: /tmp/demo/tmp']);
});
