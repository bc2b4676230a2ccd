/** The stages that an event passes (docs/scheduling.md), as `status` tells of them. */

/** `busy`: too many were under way. */
export type StageTrouble = 'late' | 'failed' | 'busy';

export interface StageCounts {
  /** Stage and part. */
  name: string;
  runs: number;
  late: number;
  failed: number;
  busy: number;
  /** Of these, those where something else took the place of what was not found out. */
  fellBack: number;
}
