/** What a keeper may write, record by record: its form, what a task allows, how many. */
import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import {
  CREDIT_WINDOW_BYTES,
  PARKED_BYTES,
  RecordKind,
  SETUP_FAILURE_BYTES,
  TASK_END_BYTES,
} from '../../../supervisor/contract/wire.js';
import { loadNative } from '../../../supervisor/native.js';
import { RecordJudge } from '../../../supervisor/pool/record-judge.js';
import { TaskFlow } from '../../../supervisor/pool/task-flow.js';
import { UnreadWatch } from '../../../supervisor/pool/unread-watch.js';

const SLOTS = 4;
let nowMs: number;
let judge: RecordJudge;
beforeEach(() => {
  nowMs = 5_000;
  judge = new RecordJudge(SLOTS, { nowMs: () => nowMs, after: () => () => {} });
});

const fault = (kind: number, payload: Buffer, flow?: TaskFlow, slot = 0) => judge.faultOf(kind, slot, payload, flow);

function withText(headBytes: number, lengthAt: number, claimedBytes: number, text = ''): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(claimedBytes, lengthAt);
  return Buffer.concat([head, Buffer.from(text)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

describe('form', () => {
  const layout = loadNative().layout();
  test.each([
    ['HELLO', layout.hello ?? 0],
    ['GONE', layout.gone ?? 0],
    ['LINGERING', layout.gone ?? 0],
    ['NOT_STARTED', 4],
    ['STDIN_CREDIT', 4],
    ['END', TASK_END_BYTES],
    ['ZYGOTE', layout.zygote_state ?? 0],
    ['LEARNED', layout.learned ?? 0],
  ] as const)('%s has %d bytes, no more and no less', (name, bytes) => {
    const kind = RecordKind[name];
    expect(bytes).toBeGreaterThan(0);
    expect(fault(kind, Buffer.alloc(bytes, 1))).toBeUndefined();
    for (const wrong of [0, 1, bytes - 1, bytes + 1])
      expect(fault(kind, Buffer.alloc(wrong))).toMatch(/^record \d+ with/);
  });

  test.each([
    ['PARKED', PARKED_BYTES, 12],
    ['FAILURE', SETUP_FAILURE_BYTES, 8],
  ] as const)('%s is as long as the text it names', (name, headBytes, lengthAt) => {
    const kind = RecordKind[name];
    expect(fault(kind, withText(headBytes, lengthAt, 2, 'ab'))).toBeUndefined();
    expect(fault(kind, withText(headBytes, lengthAt, 0))).toBeUndefined();
    for (const [claimed, text] of [
      [3, 'ab'],
      [1, 'ab'],
      [0xffff_ffff, 'ab'],
    ] as const)
      expect(fault(kind, withText(headBytes, lengthAt, claimed, text))).toBeDefined();
    for (let bytes = 0; bytes < headBytes; bytes++) expect(fault(kind, Buffer.alloc(bytes))).toBeDefined();
  });

  test('output has at least one byte', () => {
    for (const kind of [RecordKind.STDOUT, RecordKind.STDERR]) {
      expect(fault(kind, Buffer.alloc(0))).toBeDefined();
      expect(fault(kind, Buffer.alloc(1))).toBeUndefined();
    }
  });

  test('what only the daemon sends is not taken', () => {
    for (const name of ['START', 'STDIN', 'CANCEL', 'OUTPUT_CREDIT', 'TARGET', 'STOP', 'READER_GONE'] as const)
      for (const bytes of [0, 4, 12]) expect(fault(RecordKind[name], Buffer.alloc(bytes))).toBeDefined();
  });

  test('a process is in one of the pool’s slots', () => {
    const parked = withText(PARKED_BYTES, 12, 0);
    expect(fault(RecordKind.PARKED, parked, undefined, SLOTS - 1)).toBeUndefined();
    expect(fault(RecordKind.PARKED, parked, undefined, SLOTS)).toBe('slot 4 of 4');
    expect(fault(RecordKind.LINGERING, Buffer.alloc(8), undefined, SLOTS)).toBe('slot 4 of 4');
  });
});

describe('of a task', () => {
  test('output is within the window that the client opens', () => {
    const flow = new TaskFlow(0, CREDIT_WINDOW_BYTES - 10);
    expect(fault(RecordKind.STDOUT, Buffer.alloc(6), flow)).toBeUndefined();
    expect(fault(RecordKind.STDERR, Buffer.alloc(4), flow)).toBeUndefined();
    flow.outputCredited(1);
    expect(fault(RecordKind.STDERR, Buffer.alloc(1), flow)).toBeUndefined();
    expect(fault(RecordKind.STDOUT, Buffer.alloc(1), flow)).toBe('output beyond its window');
  });

  test('credit is for input that was sent, and for some', () => {
    const flow = new TaskFlow(3, 0);
    flow.stdinSent(4);
    expect(fault(RecordKind.STDIN_CREDIT, uint32(7), flow)).toBeUndefined();
    expect(fault(RecordKind.STDIN_CREDIT, uint32(1), flow)).toBe('credit for input never sent');
    expect(fault(RecordKind.STDIN_CREDIT, uint32(0), new TaskFlow(3, 0))).toBe('credit for input never sent');
  });

  test('it did not start only if it has said nothing', () => {
    expect(fault(RecordKind.NOT_STARTED, uint32(1), new TaskFlow(3, 0))).toBeUndefined();
    expect(fault(RecordKind.NOT_STARTED, uint32(1), new TaskFlow(0, 5))).toBe('not started, after output');
    const flow = new TaskFlow(0, 0);
    fault(RecordKind.STDOUT, Buffer.alloc(1), flow);
    flow.outputCredited(1);
    expect(fault(RecordKind.NOT_STARTED, uint32(1), flow)).toBe('not started, after output');
  });
});

describe('how many', () => {
  const learned = Buffer.alloc(8);
  const most = LIMITS.keeperRecordsPerSecondMax;

  test('in one second no more than an honest keeper writes; then anew', () => {
    for (let count = 0; count < most; count++) expect(fault(RecordKind.LEARNED, learned)).toBeUndefined();
    expect(fault(RecordKind.LEARNED, learned)).toBe('a flood of records');
    nowMs += 1_000;
    expect(fault(RecordKind.LEARNED, learned)).toBeUndefined();
  });

  test('the call of a running task does not make them fewer', () => {
    const flow = new TaskFlow(0, 0);
    for (let count = 0; count < most; count++) fault(RecordKind.LEARNED, learned, flow);
    expect(fault(RecordKind.LEARNED, learned, flow)).toBe('a flood of records');
  });

  test('a failure, which is a line of the log, counts for many', () => {
    const failure = withText(SETUP_FAILURE_BYTES, 8, 0);
    for (let count = 0; count < most / 20; count++) expect(fault(RecordKind.FAILURE, failure)).toBeUndefined();
    expect(fault(RecordKind.FAILURE, failure)).toBe('a flood of records');
  });

  test('the output of tasks is not counted', () => {
    const flow = new TaskFlow(0, 0);
    for (let count = 0; count < most + 2; count++) {
      expect(fault(RecordKind.STDOUT, Buffer.alloc(1), flow)).toBeUndefined();
      flow.outputCredited(1);
    }
  });
});

describe('a record that lies unread', () => {
  const looks = LIMITS.keeperUnreadLooksMax;

  test('for that many looks after the first: the keeper is stuck', () => {
    const watch = new UnreadWatch<number>();
    for (let look = 0; look < looks; look++) expect(watch.isStuck(7 + look, () => false)).toBe(false);
    expect(watch.isStuck(9, () => false)).toBe(true);
  });

  test('and is taken at last: it is not', () => {
    const watch = new UnreadWatch<number>();
    let taken = 0;
    for (let look = 0; look < 10 * looks; look++) {
      if (look % looks === looks - 1) taken = look;
      expect(watch.isStuck(look + 1, (sent) => sent <= taken)).toBe(false);
    }
  });

  test('of a keeper to which nothing is written: it is not', () => {
    const watch = new UnreadWatch<number>();
    for (let look = 0; look < 10 * looks; look++) expect(watch.isStuck(1, () => true)).toBe(false);
  });

  test('of a keeper to which nothing was ever written: there is none', () => {
    const watch = new UnreadWatch<number>();
    for (let look = 0; look < 10 * looks; look++) expect(watch.isStuck(undefined, () => false)).toBe(false);
  });
});
