/** A JSON file as its bytes and where each value stands in them, so that an edit changes nothing else. Comments and commas
 *  at the end of a list are understood: whether an agent takes them is the agent's business, and they are kept.
 *
 *  Text is latin1 throughout, one character for each byte: no byte of the file is lost, whatever its encoding. */
import jsonc, { type Node } from 'jsonc-parser';

/** Deeper is nobody's settings; the parser recurses. */
const DEPTH_MAX = 200;
const BYTE_ORDER_MARK = '\xef\xbb\xbf';

export type JsonNode = Node;

export type Document = { ok: true; root: JsonNode } | { ok: false; line: number; column: number; what: string };

export function parseDocument(text: string): Document {
  // Blanks in its place, so that offsets stay those of the file.
  const clean = text.startsWith(BYTE_ORDER_MARK) ? `   ${text.slice(3)}` : text;
  const deepAt = tooDeepAt(clean);
  if (deepAt !== undefined) return { ok: false, ...placeOf(text, deepAt), what: `is nested deeper than ${DEPTH_MAX}` };
  const errors: jsonc.ParseError[] = [];
  const root = jsonc.parseTree(clean, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined || root === undefined) {
    const what = first === undefined ? 'ValueExpected' : jsonc.printParseErrorCode(first.error);
    return { ok: false, ...placeOf(text, first?.offset ?? 0), what: `is not valid JSON (${spaced(what)})` };
  }
  return { ok: true, root };
}

/** Counted from 1; a column is a byte. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

/** Lines of offsets that are asked for in rising order: each part of a long file is read once. */
export function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let at = 0;
  return (offset) => {
    for (let next = text.indexOf('\n', at); next !== -1 && next < offset; next = text.indexOf('\n', at)) {
      line++;
      at = next + 1;
    }
    return line;
  };
}

function tooDeepAt(text: string): number | undefined {
  const scanner = jsonc.createScanner(text, true);
  let depth = 0;
  for (let token = scanner.scan(); token !== jsonc.SyntaxKind.EOF; token = scanner.scan()) {
    if (token === jsonc.SyntaxKind.OpenBraceToken || token === jsonc.SyntaxKind.OpenBracketToken) depth++;
    if (token === jsonc.SyntaxKind.CloseBraceToken || token === jsonc.SyntaxKind.CloseBracketToken) depth--;
    if (depth > DEPTH_MAX) return scanner.getTokenOffset();
  }
  return undefined;
}

/** `CommaExpected` as one reads it. */
function spaced(code: string): string {
  return code.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase();
}

/** The property of an object; of several with one name the last, as JavaScript has it. */
export function property(node: JsonNode | undefined, name: string): JsonNode | undefined {
  if (node?.type !== 'object') return undefined;
  return node.children?.findLast(({ children }) => children?.[0]?.value === name && children[1] !== undefined);
}

export function member(node: JsonNode | undefined, name: string): JsonNode | undefined {
  return property(node, name)?.children?.[1];
}

export function items(node: JsonNode | undefined): readonly JsonNode[] {
  return node?.type === 'array' ? (node.children ?? []) : [];
}

export function endOf({ offset, length }: JsonNode): number {
  return offset + length;
}

/** A string as it stands in the file, with its quotes. */
export function rawOf(text: string, node: JsonNode): string {
  return text.slice(node.offset, endOf(node));
}

/** What a string token of the file says. */
export function decoded(raw: string): string {
  return JSON.parse(Buffer.from(raw, 'latin1').toString('utf8')) as string;
}

/** A string token that says `value`. */
export function encoded(value: string): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('latin1');
}

/** Replaces text[start, end). */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** @param edits none of which overlap. */
export function edited(text: string, edits: readonly Edit[]): string {
  let at = 0;
  const pieces: string[] = [];
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    pieces.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  return [...pieces, text.slice(at)].join('');
}
