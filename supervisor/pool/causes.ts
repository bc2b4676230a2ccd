/** What a process died of, in words: the same words are the key of the tally and the text of `status`. They are made of
 *  numbers and of words of ours only, so that a hook cannot make up causes without end. */
import { getSystemErrorMap } from 'node:util';
import { STAGE_FORK, STAGE_TEXT } from '../contract/stage.js';
import type { SetupFailure } from './report.js';

const EAGAIN = 11;
const ETIMEDOUT = 110;
const SIGKILL = 9;

export const OUT_OF_MEMORY = 'out of memory';
export const OUT_OF_PROCESSES = 'no more processes allowed';
export const TIMED_OUT = 'not ready in time';
export const PROTOCOL_BROKEN = 'it broke the protocol';
export const PROXY_GONE = 'the proxy of its allow-list ended';
export const TAKES_NO_ORDERS = 'it takes no orders';
const UNSEEN = 'its end was not seen';
const WHILE_PARKED = 'while parked: ';

/** @param outOfMemory whether the kernel has ended something of the pool for its memory since the last death. */
export function causeOfEnd(exit: { exitCode: number; signal: number } | undefined, outOfMemory: boolean): string {
  if (exit === undefined) return UNSEEN;
  if (exit.signal === 0) return `exit status ${exit.exitCode}`;
  return exit.signal === SIGKILL && outOfMemory ? OUT_OF_MEMORY : `signal ${exit.signal}`;
}

/** @param status as waitpid gives it. */
export function causeOfStatus(status: number, outOfMemory: boolean): string {
  return causeOfEnd({ exitCode: status >> 8, signal: status & 127 }, outOfMemory);
}

export function causeWhileParked(status: number, outOfMemory: boolean): string {
  return `${WHILE_PARKED}${causeOfStatus(status, outOfMemory)}`;
}

export function isWhileParked(cause: string): boolean {
  return cause.startsWith(WHILE_PARKED);
}

export function causeOfFailure({ stage, errnum }: Pick<SetupFailure, 'stage' | 'errnum'>): string {
  if (stage === STAGE_FORK && errnum === EAGAIN) return OUT_OF_PROCESSES;
  if (errnum === ETIMEDOUT) return TIMED_OUT;
  const [name] = getSystemErrorMap().get(-errnum) ?? [];
  const step = STAGE_TEXT[stage] ?? 'starting its keeper';
  return `${step} failed${name === undefined ? '' : `: ${name}`}`;
}
