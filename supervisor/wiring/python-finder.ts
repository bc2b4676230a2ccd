/** The Python of resident workers, looked for when the first of them is wanted. One that is found is kept; that there was none is
 *  believed for a while only: a machine that has no process or descriptor to spare has one later. */
import type { Clock } from '../contract/clock.js';
import type { Programs } from '../validating/program.js';

const BELIEVED_MS = 30_000;

/** @param look a string that does not begin with `/` says why there is none. */
export function pythonFinder(clock: Clock, look: () => Promise<string>): Pick<Programs, 'python' | 'pythonKnown'> {
  let found: string | undefined;
  let believedUntilMs = Number.POSITIVE_INFINITY;
  let looking: Promise<void> | undefined;

  async function lookOnce(): Promise<void> {
    found = await look().catch((error: Error) => `python3 cannot be looked for: ${error.message}`);
    believedUntilMs = found.startsWith('/') ? Number.POSITIVE_INFINITY : clock.nowMs() + BELIEVED_MS;
    looking = undefined;
  }

  return {
    python: () => (clock.nowMs() < believedUntilMs ? found : undefined),
    pythonKnown() {
      looking ??= lookOnce();
      return looking;
    },
  };
}
