/** What a keeper's records say of the pool itself, beside its tasks. */
import { RecordKind } from '../contract/wire.js';
import { causeOfFailure } from './causes.js';
import type { ParkCost } from './cost.js';
import type { Death, Deaths } from './deaths.js';
import type { PoolSpec } from './keeper-argv.js';
import type { Life } from './life.js';
import { decodeFailure, decodeParked, notEntered, type Parked, type SetupFailure } from './report.js';
import type { SlotTable } from './slots.js';
import type { Zygote } from './zygote.js';

/** Of a pool, what its keeper's records change. */
export interface KeptByRecords {
  readonly spec: Pick<PoolSpec, 'confinement'>;
  readonly life: Life;
  readonly slots: SlotTable;
  readonly deaths: Deaths;
  readonly zygote: Zygote;
  readonly cost: ParkCost;
  failure: SetupFailure | undefined;
  isUnknown: boolean;
  failed(failure: SetupFailure): void;
  parkedWithin(startMs: number): void;
  /** One more is parked. */
  available(hasNewCost: boolean): void;
}

export function onStateRecord(
  pool: KeptByRecords,
  kind: number,
  slot: number,
  generation: number,
  payload: Buffer,
): void {
  const { life, slots, deaths, zygote } = pool;
  const died = (death: Death | undefined) => {
    if (death !== undefined) life.died(death);
  };
  switch (kind) {
    case RecordKind.HELLO:
      life.hello();
      return;
    case RecordKind.PARKED: {
      const parked = decodeParked(payload);
      if (parked !== undefined) onParked(pool, slot, generation, parked);
      return;
    }
    case RecordKind.GONE:
      slots.ended(slot, generation);
      died(deaths.whileParked(slot, generation, payload.readInt32LE(4)));
      return;
    case RecordKind.LINGERING:
      if (payload.readInt32LE(4) === -1) slots.lingerEnded(slot, generation);
      else slots.lingering(slot, generation, payload.readUInt32LE(0));
      return;
    case RecordKind.ZYGOTE:
      died(deaths.ofInterpreter(zygote.stateRecord(payload), generation));
      return;
    case RecordKind.LEARNED:
      zygote.learnedRecord(payload);
      return;
    case RecordKind.FAILURE: {
      const failure = decodeFailure(payload);
      if (failure === undefined) return;
      pool.failed(failure);
      died(deaths.ofStep(failure, generation));
    }
  }
}

function onParked(pool: KeptByRecords, slot: number, generation: number, parked: Parked): void {
  const { life, slots, deaths, cost } = pool;
  if (!life.isTaking) return; // it ends with its keeper, which is on its way out
  const missing = notEntered(parked, pool.spec.confinement);
  if (missing !== undefined) {
    refuse(pool, missing);
    return;
  }
  life.parked();
  slots.parked(slot, generation, parked);
  deaths.parked(slot);
  pool.failure = undefined;
  pool.isUnknown = parked.isUnknown;
  pool.parkedWithin(parked.startMs);
  pool.available(cost.told(parked.memoryBytes));
}

/** A keeper that parks what is not held as it was told to gets no hook. */
function refuse(pool: KeptByRecords, missing: SetupFailure): void {
  pool.failed(missing);
  pool.life.finish(0, causeOfFailure(missing));
}
