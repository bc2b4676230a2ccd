/** Faults while a hook is started, and while it runs. */
import { PARTS } from './table/expected.js';
import { testRows } from './table/rows.js';

testRows(PARTS.middle);
