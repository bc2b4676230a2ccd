/** Whose doing the end of a task was. */
import { beforeEach, describe, expect, test } from 'vitest';
import { OUTCOME_CODE, type OutcomeKind } from '../../../supervisor/contract/outcome.js';
import { NotStarted, RecordKind, TASK_END_BYTES } from '../../../supervisor/contract/wire.js';
import { uint32s } from '../../../supervisor/pool/report.js';
import { TaskFlow } from '../../../supervisor/pool/task-flow.js';
import { TaskTable } from '../../../supervisor/pool/tasks.js';
import type { Link } from '../../../supervisor/ring/link.js';
import { FakeClock } from '../../lib/fake-clock.js';

let tasks: TaskTable;
let told: string[];

function begin(callId: number, slot: number): void {
  const note = (what: string) => () => void told.push(`${callId} ${what}`);
  tasks.add(callId, {
    ...{ slot, generation: 1, sent: { ordinal: callId }, flow: new TaskFlow(0, 0) },
    events: {
      ...{ stdout() {}, stderr() {}, stdinTaken() {} },
      ended: ({ kind }) => void told.push(`${callId} ${kind}`),
      kicked: (end) => void told.push(`${callId} kicked, ${end?.kind}`),
      notStarted: note('not started'),
      lost: note('lost'),
    },
  });
}

function end(callId: number, kind: OutcomeKind): void {
  const payload = Buffer.alloc(TASK_END_BYTES);
  payload.writeUInt32LE(OUTCOME_CODE[kind], 0);
  tasks.takeLastWord(RecordKind.END, callId, payload)?.();
}

beforeEach(() => {
  told = [];
  tasks = new TaskTable(new FakeClock(), { ran() {} });
  begin(1, 0);
  begin(2, 3);
});

describe('a task that the operator ends', () => {
  test('is kicked, and no other', () => {
    expect(tasks.kicked(3)).toEqual([2]);
    end(1, 'cancelled');
    end(2, 'cancelled');
    expect(told).toEqual(['1 cancelled', '2 kicked, cancelled']);
    expect(tasks.kicked(3)).toEqual([]);
  });

  test('has answered where it did so in the last moment; a limit that it hit, or its deadline, stays the cause', () => {
    for (const kind of ['answered', 'limitHit', 'timedOut'] as const) {
      begin(5, 5);
      tasks.kicked(5);
      end(5, kind);
    }
    expect(told).toEqual(['5 answered', '5 limitHit', '5 timedOut']);
  });

  test('is cancelled where its client wanted the same before', () => {
    tasks.cancelled(1);
    tasks.kicked();
    tasks.cancelled(2);
    end(1, 'cancelled');
    end(2, 'cancelled');
    expect(told).toEqual(['1 cancelled', '2 kicked, cancelled']);
  });

  test('with its keeper: kicked, whether that could tell or not; what had not begun goes on', () => {
    begin(3, 4);
    tasks.kicked();
    end(1, 'crashed');
    tasks.takeAll({ isConsumed: ({ ordinal }: { ordinal: number }) => ordinal === 2 } as unknown as Link)();
    expect(told).toEqual(['1 kicked, crashed', '2 kicked, undefined', '3 not started']);
  });

  test('did not start where its process was gone before', () => {
    tasks.kicked(0);
    tasks.takeLastWord(RecordKind.NOT_STARTED, 1, uint32s(NotStarted.GONE))?.();
    expect(told).toEqual(['1 not started']);
  });
});

test('a task whose keeper dies by itself is lost', () => {
  tasks.takeAll({ isConsumed: () => true } as unknown as Link)();
  expect(told).toEqual(['1 lost', '2 lost']);
});
