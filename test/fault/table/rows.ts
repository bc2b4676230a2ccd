/** The tests of some rows of the table. Each row has its daemon, and another where the host is bad; a fault that a pool
 *  remembers ends it with its cell. */
import { afterAll, describe, expect, it } from 'vitest';
import { playCell } from './cell.js';
import { cellsOf } from './expected.js';
import { FAULTS, type Fault } from './faults.js';
import { Scene } from './scene.js';
import type { StepName } from './steps.js';

const isRoot = process.getuid?.() === 0;

export function testRows(steps: readonly StepName[]): void {
  describe.each(steps)('%s', (step) => {
    let scene: Scene | undefined;
    const close = async () => {
      const before = scene;
      scene = undefined;
      return before?.close() ?? [];
    };
    const open = async (isHostBad: boolean) => {
      if (scene !== undefined && isHostBad !== (scene.host !== undefined)) {
        expect(await close(), 'left behind').toEqual([]);
      }
      scene ??= await Scene.open(isHostBad);
      return scene;
    };
    afterAll(async () => expect(await close(), 'left behind').toEqual([]));

    for (const cell of cellsOf(step)) {
      if ('notPlayed' in cell) continue;
      const { fault: name, expected } = cell;
      const fault: Fault = FAULTS[name];
      it.skipIf(fault.needsRoot && !isRoot)(`${name}: ${expected}`, async () => {
        const opened = await open(fault.isOfHost === true);
        let isWhole = false;
        try {
          await playCell(opened, step, name, expected);
          isWhole = true;
        } finally {
          // A cell that failed must not fail the next ones.
          const left = fault.endsKeeper || !isWhole ? await close() : [];
          if (isWhole) expect(left, 'left behind').toEqual([]);
        }
      });
    }
  });
}
