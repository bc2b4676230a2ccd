/** First import of main.ts: settings of V8 that hold for every function compiled after them. */
import { setFlagsFromString } from 'node:v8';

// Calls come one now and one then, so their code stays in the interpreter for long. Baseline code at first use took a
// tenth off a whole call (docs/performance.md).
setFlagsFromString('--always-sparkplug');
