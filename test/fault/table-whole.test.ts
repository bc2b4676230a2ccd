/** That the table leaves nothing out unsaid. */
import { expect, it } from 'vitest';
import { cellsOf, STEPS_IN_ORDER } from './table/expected.js';
import { FAULTS } from './table/faults.js';
import { STEPS } from './table/steps.js';

const cells = STEPS_IN_ORDER.flatMap(cellsOf);
const [steps, faults] = [Object.keys(STEPS), Object.keys(FAULTS)];
const notPlayed = cells.filter((cell) => 'notPlayed' in cell);
const played = cells.length - notPlayed.length;

it(`${steps.length} steps by ${faults.length} faults: ${played} are played, ${notPlayed.length} are not, with a reason`, () => {
  expect([...STEPS_IN_ORDER].sort()).toEqual(steps.sort());
  for (const step of STEPS_IN_ORDER)
    expect(
      cellsOf(step)
        .map(({ fault }) => fault)
        .sort(),
    ).toEqual(faults.sort());
  for (const { notPlayed: reason } of notPlayed) expect(reason.length).toBeGreaterThan(20);
});
