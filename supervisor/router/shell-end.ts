/** How a shell that waited for its command ends when a signal killed that: dash, non-interactive. */

const WORDS: readonly string[] = [
  '',
  'Hangup',
  'Interrupt',
  'Quit',
  'Illegal instruction',
  'Trace/breakpoint trap',
  'Aborted',
  'Bus error',
  'Floating point exception',
  'Killed',
  'User defined signal 1',
  'Segmentation fault',
  'User defined signal 2',
  'Broken pipe',
  'Alarm clock',
  'Terminated',
  'Stack fault',
  'Child exited',
  'Continued',
  'Stopped (signal)',
  'Stopped',
  'Stopped (tty input)',
  'Stopped (tty output)',
  'Urgent I/O condition',
  'CPU time limit exceeded',
  'File size limit exceeded',
  'Virtual timer expired',
  'Profiling timer expired',
  'Window changed',
  'I/O possible',
  'Power failure',
  'Bad system call',
];
const SIGINT = 2;
const SIGPIPE = 13;
const FIRST_REALTIME = 34;

/** Exit code and what it writes to stderr, in the C locale and without a core dump (the core limit is 0 for a task). */
export function shellEnd(signal: number): { exitCode: number; stderr: string } {
  const words =
    WORDS[signal] ??
    (signal < FIRST_REALTIME ? `Unknown signal ${signal}` : `Real-time signal ${signal - FIRST_REALTIME}`);
  const isSilent = signal === SIGINT || signal === SIGPIPE;
  return { exitCode: 128 + signal, stderr: isSilent ? '' : `${words}\n` };
}
