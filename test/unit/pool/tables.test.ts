/** The state tables: what must hold of every state, whatever comes. The transitions themselves are tested by what uses them. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { KEEPER } from '../../../supervisor/pool/keeper-state.js';
import { LIFE, type LifeInput, type LifeState } from '../../../supervisor/pool/pool-state.js';
import {
  afterInput,
  NOT_HELD,
  QUARANTINE,
  type Quarantine,
  type QuarantineInput,
} from '../../../supervisor/pool/quarantine.js';
import { SLOT } from '../../../supervisor/pool/slot-state.js';
import { isWhole, type Table } from '../../lib/state-table.js';

const tables: [name: string, table: Table, first: string][] = [
  ['pool', LIFE, 'idle'],
  ['keeper', KEEPER, 'none'],
  ['quarantine', QUARANTINE, 'closed'],
  ['slot', SLOT, 'unknown'],
];

describe.each(tables)('the table of a %s', (_name, table, first) => isWhole(table, first));

function life(state: LifeState, ...inputs: LifeInput[]): LifeState {
  return inputs.reduce((at, input) => LIFE[at][input], state);
}

describe('the life of a pool', () => {
  const inputs = Object.keys(LIFE.idle) as LifeInput[];

  test('that has been stopped never begins again', () => {
    for (const state of Object.keys(LIFE) as LifeState[]) {
      const stopped = LIFE[state].stop;
      for (const input of inputs) expect(['stopping', 'stopped']).toContain(life(stopped, input));
    }
  });

  test('is ready only by a process that is parked while its keeper starts', () => {
    for (const state of Object.keys(LIFE) as LifeState[]) {
      for (const input of inputs) {
        if (LIFE[state][input] === 'ready') expect([state === 'ready' || input === 'parked']).toEqual([true]);
      }
    }
    expect(life('idle', 'start', 'parked', 'died', 'retry', 'parked')).toBe('ready');
    expect(life('starting', 'hold', 'parked', 'died')).toBe('held');
  });
});

describe('quarantine', () => {
  const inputs = (...all: QuarantineInput[]) => {
    let nowMs = 0;
    return all.reduce<Quarantine>((state, input) => {
      if (input === 'due') nowMs = state.untilMs;
      return afterInput(state, input, nowMs);
    }, NOT_HELD);
  };

  test('holds for 30 s, and doubles with each try that fails, up to its bound', () => {
    expect(inputs('died', 'tooMany')).toEqual({ phase: 'open', holds: 1, untilMs: LIMITS.quarantineFirstMs });
    const twice = inputs('tooMany', 'due', 'died');
    expect(twice.untilMs).toBe(3 * LIMITS.quarantineFirstMs);
    let state: Quarantine = NOT_HELD;
    for (let hold = 0; hold < 3_000; hold++) state = afterInput(afterInput(state, 'tooMany', 0), 'due', 0);
    expect(afterInput(state, 'died', 0).untilMs).toBe(LIMITS.quarantineMaxMs);
  });

  test('is over when its try parks a process; only health takes the doubling back', () => {
    const over = inputs('tooMany', 'due', 'parked');
    expect(over.phase).toBe('closed');
    expect(afterInput(over, 'tooMany', 0).untilMs).toBe(2 * LIMITS.quarantineFirstMs);
    expect(afterInput(afterInput(over, 'healthy', 0), 'tooMany', 0).untilMs).toBe(LIMITS.quarantineFirstMs);
  });

  test('that holds is not lengthened by late deaths, nor ended by a late process', () => {
    const held = inputs('tooMany');
    for (const input of ['tooMany', 'died', 'parked', 'healthy'] as const) {
      expect(afterInput(held, input, 1_000)).toEqual(held);
    }
  });
});
