/** The tests of some rows of the table. Each row has its daemon; a fault that a pool remembers ends it with its cell. */
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
    afterAll(async () => expect(await close(), 'left behind').toEqual([]));

    for (const { fault: name, expected } of cellsOf(step)) {
      const fault: Fault = FAULTS[name];
      it.skipIf(fault.needsRoot && !isRoot)(`${name}: ${expected}`, async () => {
        scene ??= await Scene.open();
        let isWhole = false;
        try {
          await playCell(scene, step, name, expected);
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
