import { describe, expect, test } from 'vitest';
import { SlotTable } from '../../../supervisor/pool/slots.js';

function table(): SlotTable {
  const slots = new SlotTable();
  slots.parked(0, 1, 100, null);
  slots.parked(1, 1, 101, '/w/exec/slot-1');
  return slots;
}

describe('slot table', () => {
  test('the longest parked is taken first and is not offered twice', () => {
    const slots = table();
    expect(slots.takeParked()?.pid).toBe(100);
    expect(slots.takeParked()?.pid).toBe(101);
    expect(slots.takeParked()).toBeUndefined();
    expect(slots.busyCount).toBe(2);
  });

  test('a lease given back is the next one offered', () => {
    const slots = table();
    const first = slots.takeParked();
    slots.putBack(0, 1);
    expect(slots.takeParked()).toBe(first);
  });

  test('news of an older generation is dropped', () => {
    const slots = table();
    slots.parked(0, 3, 300, null);
    slots.ended(0, 1);
    slots.parked(0, 2, 200, null);
    expect(slots.workers().map(({ pid }) => pid)).toEqual([300, 101]);
    expect(slots.parkedCount).toBe(2);
  });

  test('a slot whose descendants linger stays until the last one is gone', () => {
    const slots = table();
    slots.takeParked();
    slots.lingering(0, 1, 100);
    slots.ended(0, 1);
    expect(slots.workers()[0]).toMatchObject({ pid: 100, state: 'lingering' });
    expect(slots.busyCount).toBe(0);
    slots.lingerEnded(0, 1);
    expect(slots.workers()).toHaveLength(1);
  });
});
