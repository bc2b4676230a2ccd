/** Exit codes, signals and errors in plain words. */
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

const SIGNAL_WORDS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed from outside, or by the kernel for want of memory',
  SIGTERM: 'asked to end from outside',
  SIGSEGV: 'it touched memory that is not its own: a fault of the program',
  SIGABRT: 'it gave itself up: a fault of the program',
  SIGBUS: 'a file it had mapped became shorter, or the disk failed',
  SIGILL: 'an instruction that this processor does not know',
  SIGSYS: 'a system call that the sandbox does not allow',
  SIGXCPU: 'its CPU time was used up',
  SIGPIPE: 'it wrote to a closed pipe',
};

const EXIT_WORDS: Readonly<Record<number, string>> = {
  0: 'by itself, without an error',
  126: 'the program is there but could not be executed',
  127: 'the program was not found',
};

export function signalText(signal: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  if (name === undefined) return `signal ${signal}`;
  const words = SIGNAL_WORDS[name];
  return words === undefined ? name : `${name}: ${words}`;
}

/** @param exitCode counts where `signal` is 0. */
export function endText(exitCode: number, signal: number): string {
  if (signal !== 0) return `by ${signalText(signal)}`;
  const words = EXIT_WORDS[exitCode];
  return words === undefined ? `with exit code ${exitCode}` : `with exit code ${exitCode}: ${words}`;
}

/** '' for no error. */
export function errorText(errnum: number): string {
  if (errnum === 0) return '';
  const [name, words] = getSystemErrorMap().get(-errnum) ?? [];
  return name === undefined ? `error ${errnum}` : `${words} (${name})`;
}
