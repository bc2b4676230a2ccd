/** What the host leaves of the memory set aside for parked processes. Pure. */
import type { HostRoom } from '../contract/host-room.js';
import { LIMITS } from '../contract/limits.js';

export interface HeadRoom {
  /** For parked processes, those that are parked now among them. */
  maxBytes: number;
  /** Processors are wanted by more than there are: no pool grows by more than one process at a time. */
  isOneByOne: boolean;
  /** Why there is less than is set aside; undefined: there is not. */
  why: string | undefined;
}

/** @param setAsideBytes by configuration.
 *  @param parkedBytes of the processes that are parked at this moment.
 *  @param sharedBytes of those that may be, by the shares in force.
 *  @param room undefined: not looked at yet. */
export function headRoom(
  setAsideBytes: number,
  parkedBytes: number,
  sharedBytes: number,
  room: HostRoom | undefined,
): HeadRoom {
  const isOneByOne = (room?.cpuPressurePercent ?? 0) >= LIMITS.cpuPressureMaxPercent;
  const { spareMemoryBytes = null, memoryPressurePercent = null } = room ?? {};
  let head: HeadRoom = { maxBytes: setAsideBytes, isOneByOne, why: undefined };
  const lower = (bytes: number, why: string) => {
    if (bytes < head.maxBytes) head = { maxBytes: bytes, isOneByOne, why };
  };
  if (spareMemoryBytes !== null) lower(Math.max(0, parkedBytes + spareMemoryBytes), 'too little memory is free');
  if ((memoryPressurePercent ?? 0) >= LIMITS.memoryPressureMaxPercent) lower(sharedBytes, 'memory is under pressure');
  return head;
}
