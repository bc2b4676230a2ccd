/** What `env` makes of its arguments and environment before it becomes the command: GNU's rules, as far as they can be
 *  told without doubt. Checked against the real env before it is relied on (env-model.ts). */

export type EnvCommand = { argv: readonly string[]; env: readonly string[] } | { unsupported: string };

/** In the text of -S these mean themselves; quotes, escapes, comments and expansions are env's own business. */
const PLAIN_TEXT = /^(?:(?!["#$'\\])[ -~])*$/;

export function parseEnvArgv(argv: readonly string[], env: readonly string[]): EnvCommand {
  const words = splitFirst(argv.slice(1));
  if ('unsupported' in words) return words;
  let at = 0;
  let entries = [...env];
  const unset: string[] = [];
  for (; words[at]?.startsWith('-'); at++) {
    const word = words[at] as string;
    if (word === '-' || word === '-i' || word === '--ignore-environment') {
      entries = [];
      if (word === '-' && words[at + 1]?.startsWith('-')) return { unsupported: 'an option after -' };
    } else if (word === '-u') {
      unset.push(words[++at] ?? '');
    } else return { unsupported: word };
  }
  if (unset.some((name) => name === '' || name.includes('='))) return { unsupported: '-u without a name' };
  entries = entries.filter((entry) => !unset.some((name) => entry.startsWith(`${name}=`)));
  for (; words[at]?.includes('='); at++) {
    const word = words[at] as string;
    if (word.startsWith('=')) return { unsupported: 'a variable without a name' };
    put(entries, word);
  }
  const command = words.slice(at);
  return command.length === 0 || command[0] === '' ? { unsupported: 'no command' } : { argv: command, env: entries };
}

/** The text of a leading -S, which a #! line may hold in one argument, becomes words. */
function splitFirst(words: readonly string[]): readonly string[] | { unsupported: string } {
  const [first = ''] = words;
  if (!first.startsWith('-S')) return words;
  const isAttached = first.length > 2;
  const text = isAttached ? first.slice(2) : words[1];
  if (text === undefined) return { unsupported: '-S without a text' };
  if (!PLAIN_TEXT.test(text)) return { unsupported: '-S with quotes or escapes' };
  return [...text.split(' ').filter(Boolean), ...words.slice(isAttached ? 1 : 2)];
}

/** As putenv: in the place of the first of that name, else at the end. */
function put(entries: string[], entry: string): void {
  const start = entry.slice(0, entry.indexOf('=') + 1);
  const at = entries.findIndex((one) => one.startsWith(start));
  entries[at < 0 ? entries.length : at] = entry;
}
