import { execFileSync } from 'node:child_process';
import { fstatSync, openSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { folder, open, RING_BYTES } from './side.js';
import { constant, native, openFdCount, sleep, until } from './support.js';

const RECORD_MAX = constant('RECORD_PAYLOAD_MAX_BYTES');
const START = constant('RECORD_START');
const STDIN = constant('RECORD_STDIN');
const STDOUT = constant('RECORD_STDOUT');
const STOP = constant('RECORD_STOP');
const EAGAIN = 11;
const EPIPE = 32;
const EPROTO = 71;
const EMSGSIZE = 90;
const SIGKILL = 9;

test('the ring is a sealed memfd, both descriptors close-on-exec', () => {
  const channel = native.createChannel(RING_BYTES, 1, '/nowhere');
  expect(channel).toMatchObject({ memory: 'memfd', sealed: true });
  expect(() =>
    execFileSync('truncate', ['-s', '0', `/proc/${process.pid}/fd/${channel.peerRingFd}`], { stdio: 'ignore' }),
  ).toThrow();
  const flags = (fd: number) =>
    execFileSync('grep', ['flags', `/proc/${process.pid}/fdinfo/${fd}`], { encoding: 'utf8' });
  for (const fd of [channel.peerSocketFd, channel.peerRingFd]) expect(flags(fd)).toMatch(/02\d{6}$/m);
  channel.close();
});

test('a record goes there and back with all its fields and parts', async () => {
  const side = open('echo');
  expect(
    side.channel.write(START, 3, 2 ** 50, 4_000_000_000, 7, Buffer.from('ab'), Buffer.alloc(0), Buffer.from('c')),
  ).toBe(1);
  await until(() => side.records.length === 1);
  expect(side.records).toEqual([
    { kind: STDOUT, flags: 3, callId: 2 ** 50, slot: 4_000_000_000, generation: 7, payload: Buffer.from('abc') },
  ]);
});

test('10000 records of many lengths come back in order and whole', async () => {
  const side = open('echo');
  const total = 10_000;
  const lengthOf = (i: number) => (i % 97 === 0 ? RECORD_MAX - (i % 13) : (i * 31) % 3000);
  let next = 0;
  const write = () => {
    while (next < total && side.write(STDIN, next, Buffer.alloc(lengthOf(next), next % 251)) > 0) next++;
  };
  side.onRecord = () => write();
  write();
  await until(() => side.records.length === total);
  expect(side.records.map(({ callId }) => callId)).toEqual([...Array(total).keys()]);
  const bad = side.records.filter(({ callId: i, payload }) => !payload.equals(Buffer.alloc(lengthOf(i), i % 251)));
  expect(bad).toEqual([]);
  expect(side.channel.counters()).toMatchObject({ recordsWritten: total, recordsRead: total });
});

test('a payload longer than a record is refused', () => {
  expect(open('echo').write(STDIN, 1, Buffer.alloc(RECORD_MAX), Buffer.alloc(1))).toBe(-EMSGSIZE);
});

test('full ring -> -EAGAIN; onSpace once the keeper has read', async () => {
  const side = open('deaf');
  let count = 0;
  let result = 1;
  while (result > 0) {
    result = side.write(STDIN, count, Buffer.alloc(1000));
    if (result > 0) count++;
  }
  expect(result).toBe(-EAGAIN);
  expect(count).toBe(Math.floor(RING_BYTES / 1024));
  await sleep(20);
  expect(side.spaces).toBe(0);
  const fd = openFolder();
  expect(side.channel.sendFds(1, fd)).toBe(0); // wakes it
  native.closeFd(fd);
  await until(() => side.spaces > 0 && side.records.length === count + 1);
  expect(side.write(STDIN, count, Buffer.alloc(1000))).toBe(count + 1);
});

test('a descriptor arrives with its call and stays ours', async () => {
  const side = open('echo');
  const fd = openFolder();
  expect(side.channel.sendFds(77, fd)).toBe(0);
  await until(() => side.records.length === 1);
  expect(side.records[0]?.callId).toBe(77);
  expect(Number(side.records[0]?.payload.readBigUInt64LE())).toBe(statSync('/').ino);
  expect(fstatSync(fd).ino).toBe(statSync('/').ino);
  native.closeFd(fd);
});

test('isConsumed tells which records the keeper has taken, also after its death and after close', async () => {
  const side = open('hold', 2);
  for (let i = 0; i < 5; i++) expect(side.write(START, i)).toBe(i + 1);
  await until(() => side.records.length === 1);
  const consumed = () => [1, 2, 3, 4, 5, 6].map((ordinal) => side.channel.isConsumed(ordinal));
  expect(consumed()).toEqual([true, true, false, false, false, false]);
  native.kill(side.pid, SIGKILL);
  await until(() => side.closed.length === 1);
  expect(consumed()).toEqual([true, true, false, false, false, false]);
  side.channel.close();
  expect(consumed()).toEqual([true, true, false, false, false, false]);
});

test("isConsumed looks at the keeper's index a last time when the channel is closed", async () => {
  const side = open('hold', 2);
  for (let i = 0; i < 3; i++) side.write(START, i);
  await until(() => side.records.length === 1);
  side.channel.close();
  expect([1, 2, 3].map((ordinal) => side.channel.isConsumed(ordinal))).toEqual([true, true, false]);
});

test('the mark that the other side has left can be read, also after its death and after close', async () => {
  const side = open('marker', 9);
  await until(() => side.records.length === 1);
  const marks = [side.channel.peerMark()];
  native.kill(side.pid, SIGKILL);
  await until(() => side.closed.length === 1);
  marks.push(side.channel.peerMark());
  side.channel.close();
  marks.push(side.channel.peerMark());
  expect(marks).toEqual([2 ** 40 + 9, 2 ** 40 + 9, 2 ** 40 + 9]);
});

test('what a keeper published before it died is read before onClosed(0)', async () => {
  const side = open('last', 3000);
  side.onRecord = () => expect(side.closed).toEqual([]);
  await until(() => side.closed.length > 0);
  expect(side.records.length).toBe(3000);
  expect(side.closed).toEqual([0]);
  expect(side.write(STDIN, 1)).toBe(-EPIPE);
  expect(side.channel.sendFds(1, 0)).toBe(-EPIPE);
});

test('thousands of records that wait: other work of the loop comes after a bounded number', async () => {
  const side = open('last', 3000);
  while (native.reap(side.pid) === undefined); // the loop stands still until all are in the ring
  let countAtOther = 0;
  side.onRecord = () => {
    side.onRecord = () => {};
    setImmediate(() => {
      countAtOther = side.records.length;
    });
  };
  await until(() => side.closed.length > 0);
  // One bounded turn for the first look at the ring and one for the doorbell.
  expect(countAtOther).toBeLessThanOrEqual(1024);
  expect(side.records.length).toBe(3000);
});

test('a flood does not keep the loop: timers run in between', async () => {
  const side = open('flood', 100_000);
  const atTick: number[] = [];
  const timer = setInterval(() => atTick.push(side.records.length), 1);
  await until(() => side.records.length === 100_000);
  clearInterval(timer);
  expect(atTick.filter((count) => count > 0 && count < 100_000).length).toBeGreaterThan(5);
});

test('impossible tail -> onClosed(EPROTO), nothing delivered', async () => {
  const side = open('liar');
  await until(() => side.closed.length > 0);
  expect(side.closed).toEqual([EPROTO]);
  expect(side.records).toEqual([]);
});

test('more doorbells than there can be reasons for -> onClosed(EPROTO)', async () => {
  const side = open('ringer', 1000);
  await until(() => side.closed.length > 0);
  expect(side.closed).toEqual([EPROTO]);
  expect(side.channel.counters().wakeupsReceived).toBeLessThan(200);
});

test('a few doorbells without a reason are borne', async () => {
  const side = open('ringer', 40);
  side.write(STDIN, 1, Buffer.from('x'));
  await until(() => side.records.length === 1);
  expect(side.channel.counters().wakeupsReceived).toBeGreaterThanOrEqual(40);
  expect(side.closed).toEqual([]);
});

test('distrust -> onClosed(EPROTO) in the next turn, no record before, none taken after', async () => {
  const side = open('flood', 2000);
  side.onRecord = () => side.channel.distrust();
  await until(() => side.closed.length > 0);
  expect(side.closed).toEqual([EPROTO]);
  expect(side.records).toHaveLength(1);
  expect(side.write(STDIN, 1, Buffer.from('x'))).toBeLessThan(0);
});

test('corruptRing -> onClosed(EPROTO) at the next doorbell', async () => {
  const side = open('echo');
  await sleep(10);
  native.corruptRing(side.channel);
  side.write(STDIN, 1, Buffer.from('x'));
  await until(() => side.closed.length > 0);
  expect(side.records).toEqual([]);
});

test('a keeper of another generation cannot attach', async () => {
  const side = open('echo', 0, 6);
  await until(() => side.closed.length > 0);
  expect(side.closed).toEqual([0]);
});

test('a keeper that closes its socket but lives on is as good as dead', async () => {
  const side = open('closer');
  await until(() => side.closed.length > 0);
  expect(side.closed).toEqual([0]);
});

test('close inside onRecord: nothing more is delivered', async () => {
  const side = open('flood', 1000);
  side.onRecord = () => side.channel.close();
  await sleep(100);
  expect(side.records.length).toBe(1);
  expect(side.closed).toEqual([]);
});

test('a lent payload that is detached does not disturb later records', async () => {
  const side = open('echo');
  const seen: string[] = [];
  side.channel.setEvents({
    onRecord: (_kind, _flags, _callId, _slot, _generation, payload) => {
      seen.push(payload.toString());
      structuredClone(payload.buffer, { transfer: [payload.buffer as ArrayBuffer] });
    },
    onClosed: () => {},
    onSpace: () => {},
    onAnswered: () => {},
  });
  for (const text of ['a', 'b', 'c']) side.write(STDIN, 1, Buffer.from(text));
  await until(() => seen.length === 3);
  expect(seen).toEqual(['a', 'b', 'c']);
});

test('STOP ends the keeper; all descriptors come back', async () => {
  const before = openFdCount();
  for (let i = 0; i < 20; i++) {
    const side = open('echo');
    side.write(STOP, 0);
    await until(() => side.closed.length > 0);
    side.channel.close();
  }
  await until(() => openFdCount() <= before);
});

test.each([0, 1, 3, 4096, 65536, 200_000, 2 ** 33])('ring size %i -> refused', (size) => {
  const before = openFdCount();
  expect(() => native.createChannel(size, 1, folder)).toThrow();
  expect(openFdCount()).toBe(before);
});

function openFolder(): number {
  return openSync('/', 'r');
}
