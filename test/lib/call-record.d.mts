import type { CallRecord } from '../../supervisor/contract/records.js';

export const CALL_RECORD: Omit<CallRecord, 'endedAtMs' | 'handler' | 'pid'>;
