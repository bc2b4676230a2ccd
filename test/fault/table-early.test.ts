/** Faults before a hook runs. */
import { testRows } from './table/rows.js';

testRows(['CALL half sent', 'CALL sent', 'queued', 'STARTED sent, START in the ring', 'order unread']);
