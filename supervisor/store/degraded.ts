/** What `status` says where records are wanted and not, or not all, to be had. */
import type { StoreStatus } from '../contract/records.js';
import type { Degraded } from '../contract/status.js';

const LAYER = 'records';

/** @param remedy of what makes them unavailable. @param movedAside where damaged ones lie, since this daemon runs. */
export function storeDegraded(
  { state, reason, file, waiting, dropped }: StoreStatus,
  remedy: string | undefined,
  movedAside: string | undefined,
): Degraded[] {
  const found: Degraded[] = [];
  if (state === 'unavailable') found.push({ layer: LAYER, reason, remedy: remedy ?? '' });
  if (state === 'failing') {
    const lost = dropped === 0 ? '' : `, ${dropped} were dropped`;
    found.push({
      layer: LAYER,
      reason: `not written: ${reason}; ${waiting} wait${lost}`,
      remedy: `make room where ${file} lies, or see that it can be written; nothing else is to be done`,
    });
  }
  if (movedAside !== undefined) {
    const reason = `the database was damaged and lies in ${movedAside}; a new one is in its place`;
    found.push({ layer: LAYER, reason, remedy: 'keep it or remove it; the next start says no more of it' });
  }
  return found;
}
