/** What pools tell of themselves: to the calls, the counters, the records and the journal. */
import type { Tell } from '../contract/happening.js';
import { LIMITS } from '../contract/limits.js';
import { STAGE_TEXT } from '../contract/stage.js';
import type { Degraded } from '../contract/status.js';
import { recordOfAnswered } from '../placing/record.js';
import type { Route } from '../placing/rooms.js';
import { lostLimit } from '../pool/degraded.js';
import type { Pool } from '../pool/pool.js';
import type { PoolsEvents } from '../pool/pools.js';
import type { CallCounters } from '../scheduler/counters.js';
import type { Served } from './served.js';

export interface PoolEventRooms {
  available(pool: Pool): void;
  counters: CallCounters;
  served: Served;
  /** Limits that turn out not to hold are added. */
  degraded: Degraded[];
  tell: Tell;
  /** Settled when nothing of the pool's last keeper is left. */
  sweep(pool: Pool): Promise<void>;
}

export function poolEvents({ available, counters, served, degraded, tell, sweep }: PoolEventRooms): PoolsEvents {
  return {
    available,
    answeredUntold(pool, call) {
      const record = recordOfAnswered(call.token as Route, call);
      counters.takenBySwitchboard();
      counters.outcome(record.outcome, record.path);
      served(record, pool, call.agoMs);
    },
    failed(pool, failure) {
      const { stage, errnum } = failure;
      const subject = failure.subject.slice(0, LIMITS.loggedTextMaxCharacters);
      const inputs = { stage: STAGE_TEXT[stage] ?? stage, errnum, subject };
      tell({ kind: 'startFailed', pool: pool.spec.id, about: 'a start step failed', inputs });
      const lost = lostLimit(failure);
      if (lost !== undefined && !degraded.some(({ layer }) => layer === lost.layer)) degraded.push(lost);
    },
    violated: (pool, what) =>
      tell({ kind: 'protocolBroken', pool: pool.spec.id, about: `keeper broke the protocol, ended: ${what}` }),
    restarting(pool, delayMs, cause) {
      const inputs = { delayMs, cause, restarts: pool.life.restarts };
      tell({ kind: 'keeperEnded', pool: pool.spec.id, about: `keeper ended, restarting: ${cause}`, inputs });
    },
    recycling: (pool, because) =>
      tell({ kind: 'recycled', pool: pool.spec.id, about: `its keeper is replaced: ${because}` }),
    held(pool, cause, holdMs) {
      const about = [pool.spec.describes, pool.heldBecause].filter(Boolean).join(': ');
      tell({ kind: 'quarantined', pool: pool.spec.id, about, inputs: { cause, holdMs: Math.round(holdMs) } });
    },
    probing: (pool) =>
      tell({ kind: 'probing', pool: pool.spec.id, about: 'one start tries whether the cause is gone' }),
    released: (pool) => tell({ kind: 'released', pool: pool.spec.id, about: 'out of quarantine, it serves again' }),
    slow: (pool, told) => tell({ kind: 'slow', pool: pool.spec.id, ...told }),
    scaled: tell,
    keeperGone: sweep,
  };
}
