/** Faults while a hook runs, and after. */
import { testRows } from './table/rows.js';

testRows([
  'hook running',
  'output flowing, window full',
  'hook ended, unseen',
  'END unread',
  'answer half sent',
  'answer sent',
]);
