/** Looks through a JSON object byte by byte, for what stands at its top. Whoever wrote it decides how large and how deep it is: a
 *  parser takes seconds for a few million brackets, in which nobody else would be served. */

/** Deeper is nobody's event or answer. */
const DEPTH_MAX = 200;

const [QUOTE, BACKSLASH, COMMA, COLON, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [
  0x22, 0x5c, 0x2c, 0x3a, 0x7b, 0x7d, 0x5b, 0x5d,
];

/** Texts by their names, of several with one name the last; undefined where it is not one whole object, too deep, or of
 *  more values. What stands between brackets, quotes and commas is not judged. */
export function textsAtTop(
  json: Buffer,
  names: readonly string[],
  valuesMax = Number.POSITIVE_INFINITY,
): Map<string, string> | undefined {
  const found = new Map<string, string>();
  let depth = 0;
  let values = 0;
  let isName = true;
  let name = '';
  for (let at = firstByte(json); at < json.length; at++) {
    const byte = json[at];
    if (byte === COMMA || byte === OPEN || byte === OPEN_LIST) values++;
    if (values > valuesMax) return undefined;
    if (depth === 0 && byte !== OPEN) return undefined;
    if (byte === QUOTE) {
      const end = endOfText(json, at);
      if (end === undefined) return undefined;
      if (depth === 1 && isName && names.length > 0) name = json.toString('utf8', at + 1, end);
      else if (depth === 1 && names.includes(name)) found.set(name, textIn(json.toString('utf8', at, end + 1)));
      at = end;
    } else if (byte === OPEN || byte === OPEN_LIST) {
      depth++;
      if (depth > DEPTH_MAX) return undefined;
    } else if (byte === CLOSE || byte === CLOSE_LIST) {
      depth--;
      if (depth === 0) return json.toString('latin1', at + 1).trim() === '' ? found : undefined;
    } else if (depth === 1 && byte === COMMA) isName = true;
    else if (depth === 1 && byte === COLON) isName = false;
  }
  return undefined;
}

function firstByte(json: Buffer): number {
  let at = 0;
  while ([0x20, 0x09, 0x0a, 0x0d].includes(json[at] ?? 0)) at++;
  return at;
}

/** Most texts are names and words: to have them searched costs more than to look. */
const SHORT_BYTES = 32;

/** Of its closing quote. */
function endOfText(json: Buffer, start: number): number | undefined {
  for (let at = start + 1; at <= start + SHORT_BYTES; at++) {
    if (json[at] === QUOTE) return at;
    if (json[at] === BACKSLASH) break;
  }
  for (let end = json.indexOf(QUOTE, start + 1); end !== -1; end = json.indexOf(QUOTE, end + 1)) {
    let first = end;
    while (json[first - 1] === BACKSLASH) first--;
    if ((end - first) % 2 === 0) return end;
  }
  return undefined;
}

/** '' for one that no parser takes. */
function textIn(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return '';
  }
}
