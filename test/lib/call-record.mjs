/** The record of a call, but for what differs from call to call, for programs that feed a store. */
export const CALL_RECORD = {
  path: 'worker',
  runtime: 'python',
  level: 'contained',
  outcome: 'answered',
  exitCode: 0,
  signal: null,
  totalMs: 1.5,
  runMs: 1.25,
  cpuMs: 0.75,
  memoryPeakBytes: 9_000_000,
  denialsTold: 0,
  isSwitched: true,
  detail: '',
};
