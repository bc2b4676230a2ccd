/** What two sessions said, brought to one form: ids, times and the words of the client that an agent shows of a command. */
import type { HookEntry } from '../../supervisor/agents/json/entries.js';

const VOLATILE: readonly [RegExp, string][] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*Z/g, 'TIME'],
];

export type Substitution = readonly [RegExp | string, string];

/** A command as it is with the client in front of it -> as it was, in each spelling that it can have in JSON. */
export function withoutClient(wrapped: readonly HookEntry[], plain: readonly HookEntry[]): Substitution[] {
  return wrapped.flatMap(({ commandText }, at) => {
    let [from, to] = [commandText, plain[at]?.commandText ?? ''];
    return Array.from({ length: 3 }, (): Substitution => {
      const found: Substitution = [from, to];
      [from, to] = [spelled(from), spelled(to)];
      return found;
    });
  });
}

/** The words of our client first: they hold times of ours. */
export function plainText(text: string, substitutions: readonly Substitution[]): string {
  return [...substitutions, ...VOLATILE].reduce((said, [from, to]) => said.replaceAll(from, () => to), text);
}

function spelled(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
