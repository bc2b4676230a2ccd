import { describeAgent } from './agent-suite.js';
import { gemini } from './clients/gemini.js';

describeAgent(gemini, (file) => [process.execPath, file]);
