/** Secrets in what a call said and was told -> `[masked KIND]`. Guesswork, by form and by name: docs/recording.md says what it
 *  misses. Pure, over byte strings (latin1); every pattern takes time in proportion to the text. */

export interface Masked {
  text: string;
  count: number;
}

interface Span {
  from: number;
  to: number;
  kind: string;
}

/** Tokens that their own form gives away. */
const FORMS: readonly [kind: string, form: RegExp][] = [
  // Without its end, all that follows: a key may have been cut.
  ['key', /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,60}-----|$)/g],
  ['github', /\b(?:gh[opusr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,})/g],
  ['aws', /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g],
  ['anthropic', /\bsk-ant-[A-Za-z0-9_-]{16,}/g],
  ['openai', /\bsk-(?!ant-)(?=[A-Za-z_-]{0,64}\d)[A-Za-z0-9_-]{20,}/g],
  ['slack', /\b(?:xox[a-z]|xapp)-[A-Za-z0-9-]{10,}|hooks\.slack\.com\/services\/[A-Za-z0-9/]{10,}/g],
  ['jwt', /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/g],
  ['google', /\bAIza[A-Za-z0-9_-]{35}/g],
  ['gitlab', /\bgl(?:pat|dt|rt|ptt)-[A-Za-z0-9_-]{16,}/g],
  ['npm', /\bnpm_[A-Za-z0-9]{30,}/g],
  ['stripe', /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g],
];

/** What stands in front of the secret is the first group, which stays. */
const AFTER: readonly [kind: string, form: RegExp][] = [
  ['authorization', /\b((?:Bearer|Basic)\s{1,4})[A-Za-z0-9._~+/=-]{8,}/gi],
  ['password', /(:\/\/[^\s:/@"'\\]{0,128}:)[^\s@/"'\\]{1,256}(?=@)/g],
];

const ALWAYS = 'passwd|password|passphrase|pwd|client_?secret|secret_?access_?key';
const IF_RANDOM = 'secret|token|api_?-?key|access_?-?key|private_?-?key|auth_?-?key|credentials?|cookie';
/** A name, what stands between, and the value: up to its own quote, which may be escaped as in JSON within JSON; without
 *  one, up to what no such value has. */
const NAMED = new RegExp(
  `(?:(${ALWAYS})|(?:${IF_RANDOM}))[A-Za-z0-9_-]{0,64}` +
    `(?:\\\\{0,7}["'])?(?:\\s{0,4}(?:=>|[:=])\\s{0,4}|(?<=--[A-Za-z0-9_-]{1,80})\\s{1,4})` +
    `(?:(?<quote>\\\\{0,7}["'])(?<quoted>[\\s\\S]{1,4096}?)(?:(?<!\\\\)\\k<quote>|$)|(?<plain>[^\\s"'\\\\,;&<>(){}[\\]]{1,4096}))`,
  'dgi',
);
/** Names of the shell, not values. */
const REFERENCE = /^\$(?:\{[A-Za-z_][^}]*\}?|[A-Za-z_]\w*|\()/;
const OURS = /^\[masked [a-z]+\]$/;

const RANDOM_LENGTH_MIN = 12;
const RANDOM_BITS_MIN = 2.8;

export function mask(text: string): Masked {
  return replaced(text, spansIn(text));
}

/** The same for what is kept of the text only up to `keepLength`: a secret that begins before it goes as a whole. */
export function maskBeginning(text: string, keepLength: number): Masked {
  const spans = spansIn(text).filter(({ from }) => from < keepLength);
  return replaced(text.slice(0, keepLength), spans);
}

/** An option that is named like a secret has its value in the next word. */
export function maskWords(words: readonly string[]): { words: string[]; count: number } {
  let count = 0;
  let isValue = false;
  const masked = words.map((word) => {
    const one = isValue && word !== '' && !word.startsWith('-') ? { text: '[masked option]', count: 1 } : mask(word);
    isValue = SECRET_OPTION.test(word);
    count += one.count;
    return one.text;
  });
  return { words: masked, count };
}

const SECRET_OPTION = new RegExp(`^--?[A-Za-z0-9-]{0,64}(?:${ALWAYS}|secret|token|api-?key|access-?key)$`, 'i');

function spansIn(text: string): Span[] {
  const found: Span[] = [];
  for (const [kind, form] of FORMS) {
    for (const match of text.matchAll(form)) found.push({ from: match.index, to: match.index + match[0].length, kind });
  }
  for (const [kind, form] of AFTER) {
    for (const match of text.matchAll(form)) {
      found.push({ from: match.index + (match[1]?.length ?? 0), to: match.index + match[0].length, kind });
    }
  }
  for (const match of text.matchAll(NAMED)) {
    const group = match.groups?.quoted === undefined ? 'plain' : 'quoted';
    const value = match.groups?.[group] ?? '';
    const [from, to] = match.indices?.groups?.[group] ?? [0, 0];
    if (REFERENCE.test(value) || OURS.test(value)) continue;
    if (match[1] !== undefined || isRandom(value)) found.push({ from, to, kind: 'named' });
  }
  return disjoint(found);
}

/** Of those that overlap one, as long as both. */
function disjoint(spans: Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || span.from >= last.to) merged.push({ ...span });
    else last.to = Math.max(last.to, span.to);
  }
  return merged;
}

function replaced(text: string, spans: readonly Span[]): Masked {
  let at = 0;
  let masked = '';
  for (const { from, to, kind } of spans) {
    masked += `${text.slice(at, from)}[masked ${kind}]`;
    at = to;
  }
  return { text: masked + text.slice(at), count: spans.length };
}

/** By Shannon's measure, of its characters. */
function isRandom(value: string): boolean {
  if (value.length < RANDOM_LENGTH_MIN || /\s/.test(value)) return false;
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits >= RANDOM_BITS_MIN;
}
