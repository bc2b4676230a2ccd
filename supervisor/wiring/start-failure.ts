/** Why the daemon does not start: what it says and its exit status. */
import type { ConfigProblem } from '../contract/config.js';

export class StartFailure extends Error {
  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}

export function problemText({ where, what, remedy }: ConfigProblem): string {
  return `supervisor: ${where}: ${what}\n  remedy: ${remedy}`;
}
