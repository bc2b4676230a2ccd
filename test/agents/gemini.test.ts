import { describeAgent } from './agent-suite.js';
import { itDoesWhatItIsTold } from './answered.js';
import { gemini } from './clients/gemini.js';

describeAgent(
  gemini,
  (file) => [process.execPath, file],
  (worldOf) => itDoesWhatItIsTold(gemini, worldOf),
);
