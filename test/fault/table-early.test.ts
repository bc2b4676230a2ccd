/** Faults before a hook runs. */
import { PARTS } from './table/expected.js';
import { testRows } from './table/rows.js';

testRows(PARTS.early);
