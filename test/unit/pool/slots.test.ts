import { describe, expect, test } from 'vitest';
import { SlotTable } from '../../../supervisor/pool/slots.js';

/** Slots on offer, as `slot.generation`. */
let offered: string[];

function table(): SlotTable {
  offered = [];
  const slots = new SlotTable({
    offer: (slot, generation) => offered.push(`${slot}.${generation}`),
    withdraw(slot, generation) {
      const before = offered.length;
      offered = offered.filter((one) => one !== `${slot}.${generation}`);
      return offered.length < before;
    },
  });
  slots.parked(0, 1, { pid: 100, cgroupPath: null, layers: [] });
  slots.parked(1, 1, { pid: 101, cgroupPath: '/w/exec/slot-1', layers: [] });
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

  test('one that is taken out is gone at once: it is neither leased nor shown, and its end changes nothing', () => {
    const slots = table();
    expect(slots.takeOut(0, 2)).toBe(false);
    expect(slots.takeOut(0, 1)).toBe(true);
    expect([offered, slots.parkedCount]).toEqual([['1.1'], 1]);
    expect([slots.takeOut(0, 1), slots.ended(0, 1)]).toEqual([false, undefined]);
    expect(slots.takeParked()?.pid).toBe(101);
    expect([slots.takeOut(1, 1), slots.busyCount]).toEqual([false, 1]);
  });

  test('one that was used where it was offered is not taken out', () => {
    const slots = table();
    offered = offered.filter((one) => one !== '0.1');
    expect(slots.takeOut(0, 1)).toBe(false);
    expect(slots.workers()).toHaveLength(2);
  });

  test('a lease given back is the next one offered', () => {
    const slots = table();
    const first = slots.takeParked();
    slots.putBack(0, 1);
    expect(slots.takeParked()).toBe(first);
  });

  test('a parked slot is on offer until it is leased, has ended or is withdrawn', () => {
    const slots = table();
    expect(offered).toEqual(['0.1', '1.1']);
    slots.takeParked();
    expect(offered).toEqual(['1.1']);
    slots.putBack(0, 1);
    expect(offered).toEqual(['1.1', '0.1']);
    slots.ended(0, 1);
    expect(offered).toEqual(['1.1']);
    slots.withdrawAll();
    expect(offered).toEqual([]);
    expect(slots.takeParked()).toBeUndefined();
  });

  test('a slot that was used where it was offered is not leased', () => {
    const slots = table();
    offered = offered.filter((one) => one !== '0.1');
    expect(slots.takeParked()?.pid).toBe(101);
    expect(slots.workers().map(({ pid, state }) => `${pid} ${state}`)).toEqual(['100 busy', '101 busy']);
  });

  test("somebody else's task makes its slot busy", () => {
    const slots = table();
    expect(slots.taken(0, 1)?.pid).toBe(100);
    expect(slots.taken(0, 2)).toBeUndefined();
    expect([slots.parkedCount, slots.busyCount]).toEqual([1, 1]);
    slots.ended(0, 1);
    expect(slots.workers().map(({ pid }) => pid)).toEqual([101]);
  });

  test('news of an older generation is dropped', () => {
    const slots = table();
    slots.parked(0, 3, { pid: 300, cgroupPath: null, layers: [] });
    slots.ended(0, 1);
    slots.parked(0, 2, { pid: 200, cgroupPath: null, layers: [] });
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
