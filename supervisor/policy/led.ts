/** What a link would give that nobody has named: whoever may write to a project, or has made the repository that it is, puts a link
 *  where the configuration names a folder, or in the place of a script. */
import { isWithin } from '../contract/secrets.js';
import { type Guarded, whyGuarded } from './guarded.js';
import type { PathFacts } from './paths.js';

/** Why the sandbox must not be made; undefined where nothing is against it.
 *  @param named by the configuration: a guarded place that is named itself is meant. @param scripts by all their names. */
export function whyLed(
  named: readonly string[],
  scripts: readonly string[],
  guarded: Guarded,
  facts: PathFacts,
): string | undefined {
  for (const path of named) {
    const why = whyGuarded(facts.realPath(path) ?? path, guarded);
    if (why !== undefined && whyGuarded(path, guarded) === undefined) return refusal(path, why);
  }
  for (const script of scripts) {
    if (facts.kind(script) !== 'file' || named.some((folder) => isWithin(script, folder))) continue;
    const why = whyGuarded(script, guarded);
    if (why !== undefined) return refusal(script, why);
  }
  return undefined;
}

function refusal(path: string, why: string): string {
  return `${path} cannot be given to a confined hook: ${why}`;
}
