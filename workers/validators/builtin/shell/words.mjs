/** What a word of a script may stand for. A variable is replaced where the script itself has set it; what only a run would tell
 *  stays in the text as UNKNOWN, the name of the variable, UNKNOWN: no literal text can look like it. */

export const UNKNOWN = '\u0000';
export const HOME = `${UNKNOWN}HOME${UNKNOWN}`;
const TEXTS_MAX = 16;
/** Longer ones are not followed: a variable that doubles itself would grow without end. */
const TEXT_MAX_CHARACTERS = 65_536;

/** @returns the texts that the word becomes, for `{a,b}` and for a variable with several values all of them. */
export function textsOf(word, variables) {
  if (word.parts === undefined) return [withHome(word.value, word.text)];
  const [only] = word.parts;
  const texts = word.parts.reduce((done, part) => joined(done, partTexts(part, variables)), ['']);
  if (word.parts.length === 1 && isSplit(only)) return texts.flatMap((text) => text.split(/\s+/)).filter(Boolean);
  return texts.map((text) => withHome(text, word.text));
}

/** Without quotes and without a run. */
export function isLiteral(text) {
  return !text.includes(UNKNOWN);
}

/** Without quotes it is split into words. */
function isSplit(part) {
  return ['SimpleExpansion', 'ParameterExpansion', 'CommandExpansion'].includes(part.type);
}

function joined(starts, ends) {
  const all = starts.flatMap((start) => ends.map((end) => [start, end]));
  return all
    .slice(0, TEXTS_MAX)
    .map(([start, end]) => (start.length + end.length > TEXT_MAX_CHARACTERS ? UNKNOWN + UNKNOWN : start + end));
}

/** Only an unquoted tilde at the start is a home: the own, or that of the user it names. */
function withHome(text, source) {
  const [, user] = /^~([\w-]*)(?=\/|$)/.exec(source) ?? [];
  if (user === undefined) return text;
  const home = { '': HOME, root: '/root' }[user] ?? `/home/${user}`;
  return home + text.slice(1 + user.length);
}

function partTexts(part, variables) {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
    case 'Glob':
      return [part.value];
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.reduce((done, inner) => joined(done, partTexts(inner, variables)), ['']);
    case 'SimpleExpansion':
      return valuesOf(part.text.slice(1), variables);
    case 'ParameterExpansion':
      return parameterTexts(part, variables);
    case 'BraceExpansion':
      return braceTexts(part.text);
    case 'CommandExpansion':
      return outputOf(part.script, variables);
    default:
      return [UNKNOWN + UNKNOWN];
  }
}

/** What a substitution writes, of the few that are plain to see. */
function outputOf(script, variables) {
  const [statement, more] = script?.commands ?? [];
  const command = statement?.command;
  if (more !== undefined || command?.type !== 'Command' || command.redirects.length > 0) return [UNKNOWN + UNKNOWN];
  const words = command.args.flatMap((word) => (word.type === 'Word' ? textsOf(word, variables) : []));
  if (command.name?.value === 'pwd') return valuesOf('PWD', variables);
  const isPlain = words.every((word) => !/^-[neE]+$|[\\%]/.test(word));
  return command.name?.value === 'echo' && isPlain ? [words.join(' ')] : [UNKNOWN + UNKNOWN];
}

function valuesOf(name, variables) {
  return variables.get(name) ?? [UNKNOWN + name + UNKNOWN];
}

/** `${X:?}` ends the script where X is empty, and `${X:-y}` has a word of its own: neither is an empty text. */
function parameterTexts({ parameter, prefix, index, operation }, variables) {
  if (prefix !== undefined || index !== undefined) return [UNKNOWN + UNKNOWN];
  if (operation === undefined) return valuesOf(parameter, variables);
  if (operation.type === 'Default' && /^:?[-=]$/.test(operation.operator)) {
    return variables.get(parameter) ?? [UNKNOWN + parameter + UNKNOWN, ...textsOf(operation.operand, variables)];
  }
  return [`${UNKNOWN}?${UNKNOWN}`];
}

/** `{a,b}` without braces within; of `{1..9}` and nested ones only a run would tell. */
function braceTexts(text) {
  const inner = text.slice(1, -1);
  if (/[{}]/.test(inner) || !inner.includes(',')) return [UNKNOWN + UNKNOWN];
  return inner.split(',').slice(0, TEXTS_MAX);
}
