import { oneLine, words } from './words.mjs';

const EXIT_UNCAUGHT = 1;

/** What nobody catches ends the worker as it ends any Node, but the last line that this says is a version: told here, it is what was
 *  thrown. */
export function sayLastWords() {
  process.on('uncaughtExceptionMonitor', (error) => {
    const isCaught = process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback();
    if (isCaught) return; // by the validator's own
    process.stderr.write(`nobody caught ${oneLine(words(error))}\n`);
    process.exit(EXIT_UNCAUGHT);
  });
}
