// What is around the tests of real agents: their programs, and a network namespace with nothing but loopback.
import { join } from 'node:path';
import { agentFiles } from './packages.mjs';

/** @param isAskedFor the lane was named. Some hundred megabytes are fetched only then, or by CI. */
export function agentsStage(isAskedFor) {
  const files = agentFiles(isAskedFor || process.env.CI === 'true');
  return {
    through: ['python3', '-B', join(import.meta.dirname, 'loopback_only.py')],
    env: { HS_TEST_AGENTS: JSON.stringify(files) },
  };
}
