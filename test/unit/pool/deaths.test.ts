/** What counts as a death of a pool, of what cause, and when it is too many of one. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import {
  STAGE_FORK,
  STAGE_LEAF_LIMIT,
  STAGE_READY,
  STAGE_ZYGOTE_EXEC,
  STAGE_ZYGOTE_READY,
} from '../../../supervisor/contract/stage.js';
import { causeOfEnd, isWhileParked } from '../../../supervisor/pool/causes.js';
import { Deaths } from '../../../supervisor/pool/deaths.js';
import { DeathTally } from '../../../supervisor/pool/tally.js';

const exited = (status: number) => status << 8;
const ENOENT = 2;
const EAGAIN = 11;
const ETIMEDOUT = 110;
const MISSING =
  "node:internal/modules/cjs/loader:1210\n  throw err;\n  ^\n\nError: Cannot find module '/x/park.cjs'\nRequire";
const none = () => 0;

describe('a death', () => {
  test('of a Node before it is parked: counted once, by its status, with the message of its last words', () => {
    const deaths = new Deaths('node', none);
    expect(deaths.ofStep({ stage: STAGE_READY, errnum: 0, subject: MISSING }, 3)).toBeUndefined();
    expect(deaths.words).toBe("Error: Cannot find module '/x/park.cjs'");
    expect(deaths.ofInterpreter(exited(1), 3)).toEqual({ cause: 'exit status 1', isHopeless: false });
  });

  test('of a Node whose launcher failed: counted once, by the step', () => {
    const deaths = new Deaths('node', none);
    const step = { stage: STAGE_FORK, errnum: ENOENT, subject: '/p' };
    expect(deaths.ofStep(step, 3)?.cause).toBe('forking failed: ENOENT');
    expect(deaths.ofInterpreter(exited(1), 3)).toBeUndefined();
    expect(deaths.ofInterpreter(exited(1), 4)?.cause).toBe('exit status 1');
  });

  test('of a zygote that cannot be executed: counted once, by the step and not by status 127', () => {
    const deaths = new Deaths('python', none);
    const step = { stage: STAGE_ZYGOTE_EXEC, errnum: ENOENT, subject: '/gone/python3' };
    expect(deaths.ofStep(step, 0)?.cause).toBe('executing the interpreter failed: ENOENT');
    expect(deaths.words).toBe('/gone/python3');
    expect(deaths.ofInterpreter(exited(127), 1)).toBeUndefined();
    expect(deaths.ofInterpreter(exited(127), 2)?.cause).toBe('exit status 127');
  });

  test('of a zygote that is late is a time-out, not the kill that follows', () => {
    const deaths = new Deaths('python', none);
    expect(deaths.ofStep({ stage: STAGE_ZYGOTE_READY, errnum: ETIMEDOUT, subject: '' }, 0)?.cause).toBe(
      'not ready in time',
    );
    expect(deaths.ofInterpreter(9, 1)).toBeUndefined();
  });

  test('of all that is parked at once is one, and so is that of the rest a while later; of one parked anew it is the next', () => {
    const deaths = new Deaths('exec', none);
    const isCounted = (slot: number) => deaths.whileParked(slot, 1, 9)?.isOnlyCounted === false;
    for (const slot of [0, 1, 2, 3]) deaths.parked(slot);
    expect([0, 1, 2].map(isCounted)).toEqual([true, false, false]);
    deaths.parked(0);
    expect([3, 0].map(isCounted)).toEqual([false, true]);
    for (const slot of [0, 1]) {
      deaths.parked(slot);
      expect(isCounted(slot)).toBe(true);
    }
  });

  test('of the process for any command is told by its step alone', () => {
    const deaths = new Deaths('exec', none);
    expect(deaths.ofStep({ stage: STAGE_READY, errnum: 0, subject: '' }, 1)?.cause).toBe(
      'getting ready in time failed',
    );
    expect(deaths.ofStep({ stage: STAGE_FORK, errnum: EAGAIN, subject: '' }, 2)?.cause).toBe(
      'no more processes allowed',
    );
  });

  test('is none where a limit could not be written, where there was no zygote before, and where the keeper ends a surplus', () => {
    const deaths = new Deaths('python', none);
    expect(deaths.ofStep({ stage: STAGE_LEAF_LIMIT, errnum: 1, subject: 'io.max' }, 1)).toBeUndefined();
    expect(deaths.ofInterpreter(-1, 1)).toBeUndefined();
    expect(deaths.whileParked(0, 1, -1)).toBeUndefined();
    expect(isWhileParked(deaths.whileParked(0, 1, 9)?.cause ?? '')).toBe(true);
  });

  test('is hopeless where the worker says that no start will do', () => {
    const deaths = new Deaths('node', none);
    deaths.ofStep({ stage: STAGE_READY, errnum: 0, subject: 'cannot park: Error: Node 18.0.0\n    at warmUp' }, 1);
    expect(deaths.ofInterpreter(exited(78), 1)).toEqual({ cause: 'exit status 78', isHopeless: true });
    expect(deaths.words).toBe('cannot park: Error: Node 18.0.0');
  });

  test('by SIGKILL is for memory only where the kernel has counted one since the last time', () => {
    let kills = 4;
    const deaths = new Deaths('python', () => kills);
    deaths.begin();
    expect(deaths.ofInterpreter(9, 1)?.cause).toBe('signal 9');
    kills++;
    expect(deaths.ofInterpreter(9, 2)?.cause).toBe('out of memory');
    expect(deaths.ofInterpreter(9, 3)?.cause).toBe('signal 9');
    kills = 0; // a new group
    deaths.begin();
    kills = 1;
    expect(deaths.ofInterpreter(11, 4)?.cause).toBe('signal 11');
  });

  test('whose end somebody else saw has a cause, too', () => {
    expect(causeOfEnd(undefined, false)).toBe('its end was not seen');
  });
});

describe('an end that the operator has wished for', () => {
  const kicked = { cause: 'kicked', isHopeless: false, isOnlyCounted: true };

  test('of a parked process: only counted, and the next death in its place is one of its own', () => {
    const deaths = new Deaths('exec', none);
    deaths.parked(0);
    deaths.willEnd(0, 4);
    expect(deaths.whileParked(0, 3, 9)?.cause).toBe('while parked: signal 9');
    deaths.parked(0);
    expect(deaths.whileParked(0, 4, 9)).toEqual(kicked);
    expect(deaths.whileParked(0, 4, 9)).toMatchObject({ cause: 'while parked: signal 9', isOnlyCounted: false });
  });

  test('of a zygote: only counted, with the starts that it was to give; what the next one dies of counts again', () => {
    const deaths = new Deaths('python', none);
    const ofSlot = { stage: STAGE_READY, errnum: 0, subject: '' };
    deaths.zygoteWillEnd();
    expect(deaths.ofStep(ofSlot, 1)).toBeUndefined();
    expect(deaths.ofInterpreter(9, 1)).toEqual(kicked);
    expect(deaths.ofStep(ofSlot, 1)).toBeUndefined();
    expect(deaths.ofInterpreter(exited(1), 2)?.cause).toBe('exit status 1');
    expect(deaths.ofStep(ofSlot, 2)).toBeDefined();
  });

  test('of a zygote whose next one serves: a start that fails then counts', () => {
    const deaths = new Deaths('python', none);
    deaths.zygoteWillEnd();
    deaths.ofInterpreter(9, 1);
    expect(deaths.ofInterpreter(-1, 2)).toBeUndefined();
    expect(deaths.ofStep({ stage: STAGE_READY, errnum: 0, subject: '' }, 2)).toBeDefined();
  });

  test('of a zygote: that the next cannot be executed is a death all the same', () => {
    const deaths = new Deaths('python', none);
    deaths.zygoteWillEnd();
    deaths.ofInterpreter(9, 1);
    expect(deaths.ofStep({ stage: STAGE_ZYGOTE_EXEC, errnum: ENOENT, subject: '/gone' }, 0)).toBeDefined();
  });

  test('goes with the keeper: the next one knows of none', () => {
    const deaths = new Deaths('python', none);
    deaths.willEnd(0, 1);
    deaths.zygoteWillEnd();
    deaths.begin();
    expect(deaths.whileParked(0, 1, 9)?.cause).toBe('while parked: signal 9');
    expect(deaths.ofInterpreter(9, 1)?.cause).toBe('signal 9');
  });
});

describe('deaths of one cause', () => {
  const within = LIMITS.deathsWindowMs - 1;

  test('are too many at the sixth within a minute, and not when the first of them is older', () => {
    const tally = new DeathTally();
    for (let death = 0; death < LIMITS.deathsMax; death++) expect(tally.add('signal 9', death)).toBe(false);
    expect(tally.add('signal 9', within)).toBe(true);
    const slow = new DeathTally();
    for (let death = 0; death < LIMITS.deathsMax; death++) slow.add('signal 9', 0);
    expect(slow.add('signal 9', LIMITS.deathsWindowMs)).toBe(false);
  });

  test('are counted apart from those of another', () => {
    const tally = new DeathTally();
    for (let death = 0; death < LIMITS.deathsMax; death++) tally.add('signal 9', 0);
    expect(tally.add('exit status 1', 0)).toBe(false);
    expect(tally.counts()).toEqual([
      { cause: 'signal 9', count: LIMITS.deathsMax },
      { cause: 'exit status 1', count: 1 },
    ]);
  });

  test('that are forgiven or interrupted are no row any more, and stay in the count', () => {
    const tally = new DeathTally();
    for (let death = 0; death < LIMITS.deathsMax; death++) tally.add('a', 0);
    tally.interrupt((cause) => cause === 'b');
    expect(tally.add('a', 0)).toBe(true);
    tally.forgive();
    expect(tally.add('a', 0)).toBe(false);
    expect(tally.counts()).toEqual([{ cause: 'a', count: LIMITS.deathsMax + 2 }]);
  });

  test('are remembered for so many causes, the one seen longest ago is forgotten', () => {
    const tally = new DeathTally();
    for (let cause = 0; cause <= LIMITS.deathCausesMax; cause++) tally.add(`exit status ${cause}`, 0);
    expect(tally.counts()).toHaveLength(LIMITS.deathCausesMax);
    expect(tally.counts()[0]?.cause).toBe('exit status 1');
  });
});
