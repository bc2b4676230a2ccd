/** Whether a call may be run a second time where the first one was lost: its user has said so of the one file that it is about.
 *  A text for a shell may do anything beside, and never may. */
import type { Call, Plan } from '../contract/call.js';
import { scriptOf } from './called-files.js';
import { bothNames, type PathFacts } from './paths.js';
import { fileLevels, type PolicyConfig } from './policy.js';

export function idempotentMaker(config: PolicyConfig, facts: PathFacts): (call: Call, plan: Plan) => boolean {
  if (!config.handlers.some(({ idempotent }) => idempotent)) return () => false;
  const judge = fileLevels(config);
  return (call, plan) => {
    const file = scriptOf(call, plan);
    if (file === undefined) return false;
    const rules = bothNames(file, facts).flatMap((name) => judge(name).rule ?? []);
    return rules.length > 0 && rules.every(({ idempotent }) => idempotent);
  };
}
