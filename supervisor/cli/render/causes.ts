/** Signals, exit codes and errors in plain words. */
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

const SIGNAL_WORDS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed from outside, or by the kernel for want of memory',
  SIGTERM: 'asked to end from outside',
  SIGSEGV: 'it touched memory that is not its own, a fault of the program',
  SIGABRT: 'it gave itself up, a fault of the program',
  SIGBUS: 'a file it had mapped became shorter, or the disk failed',
  SIGILL: 'an instruction that this processor does not know',
  SIGSYS: 'a system call that the sandbox does not allow',
  SIGXCPU: 'its CPU time was used up',
  SIGPIPE: 'it wrote to a closed pipe',
};

const EXIT_WORDS: Readonly<Record<string, string>> = {
  0: 'it ended by itself, without an error',
  78: 'its own word that it cannot be kept warm',
  126: 'the program is there but could not be executed',
  127: 'the program was not found',
};

export function signalText(signal: number): string {
  return Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? `signal ${signal}`;
}

/** A cause as the daemon has it, with what its numbers and names mean. */
export function causeText(cause: string): string {
  const [, signal] = /signal (\d+)$/.exec(cause) ?? [];
  if (signal !== undefined) {
    const name = signalText(Number(signal));
    return withWords(cause.replace(/signal \d+$/, name), SIGNAL_WORDS[name]);
  }
  const [, status = ''] = /exit status (\d+)$/.exec(cause) ?? [];
  const [, errno = ''] = /: ([A-Z0-9]+)$/.exec(cause) ?? [];
  return withWords(cause, EXIT_WORDS[status] ?? errorWords(errno));
}

/** '' for no error. */
export function errorText(errnum: number): string {
  if (errnum === 0) return '';
  const [name, words] = getSystemErrorMap().get(-errnum) ?? [];
  return name === undefined ? `error ${errnum}` : withWords(name, words);
}

function errorWords(name: string): string | undefined {
  return [...getSystemErrorMap().values()].find(([one]) => one === name)?.[1];
}

function withWords(text: string, words: string | undefined): string {
  return words === undefined ? text : `${text} (${words})`;
}
