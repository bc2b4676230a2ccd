/** A command text as one word of another command text, and back, both as they stand between the quotes of a JSON string.
 *  Each character keeps the spelling it had there (`\u0027`, `\/`), so what is taken back is the same bytes. */

/** One character of a JSON string: as it is spelled, and what it says. Above ASCII a unit is one byte. */
interface Unit {
  raw: string;
  char: string;
}

const ESCAPES: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
/** A backslash and a double quote in JSON. */
const BACKSLASH = '\\\\';
const QUOTE = '\\"';

/** @param placeholder what the agent replaces by a path before its shell sees the text. Such a path may hold anything that a name of
 *  a folder may. In single quotes a quote would end them, in double quotes `$(...)` would run. One in braces is therefore made one
 *  that the agent leaves alone, `${NAME-}`: our shell puts the variable there, of which it looks at no character, and the hook's
 *  shell gets the text that the agent would have given it. */
export function quotedRaw(raw: string, placeholder: RegExp | undefined): string {
  const units = unitsOf(raw);
  const ends = placeholdersIn(units, placeholder);
  let quoted = "'";
  for (let at = 0; at < units.length; at++) {
    const end = ends.get(at);
    const unit = units[at] as Unit;
    if (end !== undefined) {
      quoted += `'${QUOTE}${rawText(leftAlone(units.slice(at, end)))}${QUOTE}'`;
      at = end - 1;
    } else quoted += unit.char === "'" ? `'${BACKSLASH}${unit.raw}'` : unit.raw;
  }
  return `${quoted}'`;
}

const DASH: Unit = { raw: '-', char: '-' };

function leftAlone(name: readonly Unit[]): readonly Unit[] {
  return name.at(-1)?.char === '}' ? [...name.slice(0, -1), DASH, ...name.slice(-1)] : name;
}

/** What `quotedRaw` was given; undefined where this is nothing that it makes. */
export function unquotedRaw(quoted: string, placeholder: RegExp | undefined): string | undefined {
  const inside: Unit[] = [];
  let state: 'out' | 'single' | 'escaped' | 'double' = 'out';
  for (const unit of unitsOf(quoted)) {
    if (state === 'out') {
      if (unit.char === "'") state = 'single';
      else if (unit.char === '"') state = 'double';
      else if (unit.char === '\\') state = 'escaped';
      else return undefined;
    } else if (state === 'escaped') {
      inside.push(unit);
      state = 'out';
    } else if (unit.char === (state === 'single' ? "'" : '"')) {
      if (state === 'double' && inside.at(-1)?.char === '}') inside.splice(-2, 1);
      state = 'out';
    } else inside.push(unit);
  }
  const raw = rawText(inside);
  // Another tool may have spelled the string anew: what counts is what it says.
  return said(quotedRaw(raw, placeholder)) === said(quoted) ? raw : undefined;
}

/** What the characters say; above ASCII it is bytes, of which nobody asks more than whether they are the same. */
export function said(raw: string): string {
  return unitsOf(raw)
    .map(({ char }) => char)
    .join('');
}

/** The raw text from a character on, counted as `said` does. */
export function rawFrom(raw: string, characters: number): string {
  return rawText(unitsOf(raw).slice(characters));
}

function unitsOf(raw: string): Unit[] {
  return (raw.match(/\\u[0-9a-fA-F]{4}|\\.|[^\\]/gs) ?? []).map((unit) => ({ raw: unit, char: charOf(unit) }));
}

function charOf(unit: string): string {
  if (!unit.startsWith('\\')) return unit;
  const [, kind = ''] = unit;
  return kind === 'u' ? String.fromCharCode(Number.parseInt(unit.slice(2), 16)) : (ESCAPES[kind] ?? kind);
}

function rawText(units: readonly Unit[]): string {
  return units.map(({ raw }) => raw).join('');
}

function placeholdersIn(units: readonly Unit[], placeholder: RegExp | undefined): Map<number, number> {
  if (placeholder === undefined) return new Map();
  const text = units.map(({ char }) => char).join('');
  return new Map([...text.matchAll(placeholder)].map(({ 0: found, index }) => [index, index + found.length]));
}
