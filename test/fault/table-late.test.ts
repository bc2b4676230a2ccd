/** Faults after a hook has ended. */
import { PARTS } from './table/expected.js';
import { testRows } from './table/rows.js';

testRows(PARTS.late);
