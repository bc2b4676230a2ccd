/** What a hostile hook tries, at each level: what holds it, and what does not. Beside it neighbours answer as ever, and afterwards
 *  the host is as it was. */
import { afterAll, beforeAll, describe, expect, it, type TestOptions } from 'vitest';
import type { Level } from '../../supervisor/contract/call.js';
import { onlyAt } from '../lib/only-at.js';
import { onlyRoot } from '../lib/skip.js';
import { waitFor } from '../lib/wait.js';
import { type Baseline, baseline, weight } from './hostile/baseline.js';
import { Neighbours } from './hostile/neighbours.js';
import { got, type Row } from './hostile/row.js';
import { fileRows } from './hostile/rows-files.js';
import { kernelRows } from './hostile/rows-kernel.js';
import { loadRows } from './hostile/rows-loads.js';
import { processRows } from './hostile/rows-processes.js';
import { socketRows } from './hostile/rows-sockets.js';
import { Scene } from './hostile/scene.js';

const LEVELS: readonly [Level, TestOptions][] = [
  ['contained', {}],
  ['restricted', onlyAt('restricted')],
  ['untrusted', onlyAt('untrusted')],
];
const ROWS: readonly Row[] = [...fileRows, ...processRows, ...kernelRows, ...socketRows, ...loadRows];
const QUICK = [...processRows, ...kernelRows, ...socketRows];
const REPEATS = Number(process.env.HOSTILE_REPEATS ?? 200);
const WARM_UP = 100;
const AT_ONCE = 4;
/** Connections of the last calls, which may be closing yet. */
const CLOSING_MAX = 2;
const GROWTH_MAX_BYTES = 32 << 20;
const SETTLE_MS = 20_000;

const scene = new Scene();
beforeAll(() => scene.start(LEVELS.map(([level]) => level)));
afterAll(async () => {
  expect(await scene.stop(), 'left behind').toEqual([]);
});

describe.each(LEVELS)('%s', (level, options) => {
  let neighbours: Neighbours;
  let before: Baseline;
  let files: Record<string, string>;
  beforeAll(async () => {
    if (options.skip === true) return;
    await scene.run(level, ['true']);
    before = await baseline(scene);
    files = scene.protectedFiles(level);
    neighbours = new Neighbours(scene);
  });
  afterAll(() => neighbours?.stop());

  it.each(ROWS)('$name', options, async ({ argv, expected, ...extras }) => {
    const filesBefore = scene.protectedFiles(level);
    const end = await scene.run(level, argv(scene, level), extras);
    expect(got(end), end.stderr).toMatch(new RegExp(`^(${expected[level]})$`));
    expect(end.explained?.level, end.stderr).toBe(level);
    expect(neighbours.wrong).toEqual([]);
    if (level === 'contained') scene.makeProject(level);
    expect(scene.protectedFiles(level)).toEqual(filesBefore);
  });

  it('neighbours were answered rightly all the time', options, async () => {
    await neighbours.stop();
    expect(neighbours.wrong).toEqual([]);
    expect(neighbours.answers).toBeGreaterThan(ROWS.length / 2);
  });

  it('the host is as it was', options, async () => {
    await expect.poll(() => baseline(scene), { timeout: SETTLE_MS }).toEqual(before);
    expect(scene.protectedFiles(level)).toEqual(files);
  });
});

const allowed = LEVELS.filter(([, { skip }]) => skip !== true).map(([level]) => level);

const countable = { timeout: 600_000, ...onlyRoot('can count the descriptors of the daemon') };
it(`${REPEATS} quick attacks leave the daemon as light as the first hundred did`, countable, async () => {
  await repeat(WARM_UP);
  await settled();
  const first = await weight(scene);
  await repeat(REPEATS);
  await settled();
  const last = await weight(scene);
  expect(last.processes).toBe(first.processes);
  expect(last.descriptors - first.descriptors).toBeLessThanOrEqual(CLOSING_MAX);
  expect(last.memoryBytes - first.memoryBytes).toBeLessThan(GROWTH_MAX_BYTES);
});

async function repeat(count: number): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) {
      const level = allowed[index % allowed.length] ?? 'contained';
      const { argv, expected, name, ...extras } = QUICK[index % QUICK.length] as Row;
      const end = await scene.run(level, argv(scene, level), extras);
      expect(got(end), `${name} at ${level}: ${end.stderr}`).toMatch(new RegExp(`^(${expected[level]})$`));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** No hook runs, and every pool has as many parked processes as it is to have. */
async function settled(): Promise<void> {
  let before = '';
  await waitFor('the daemon to come to rest', async () => {
    const { pools, calls } = await scene.daemon.status();
    const now = JSON.stringify(pools.map(({ workers }) => workers.map(({ pid, state }) => [pid, state])));
    const isSame = now === before && calls.active === 0 && !/"(starting|busy|ending)"/.test(now);
    before = now;
    return isSame || undefined;
  });
}
