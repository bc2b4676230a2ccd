/** The `optimization` block that the optimization guide puts into an agent's settings, as one entry for each of its keys. Pure. */
import { decoded, type JsonNode, lineCounter, member, parseDocument, rawOf } from '../json/document.js';

export interface GuideEntry {
  /** `profile`, or with its section: `async_orchestrator.min_workers`; '': the block is none. */
  key: string;
  value: unknown;
  line: number;
}

/** Empty where there is no such block. Undefined where it is no JSON. */
export function optimizationEntries(text: string): GuideEntry[] | undefined {
  const document = parseDocument(text);
  if (!document.ok) return undefined;
  const block = member(document.root, 'optimization');
  if (block === undefined) return [];
  const lineOf = lineCounter(text);
  if (block.type !== 'object') return [{ key: '', value: null, line: lineOf(block.offset) }];
  return properties(text, block).flatMap(({ name, node }) =>
    node.type === 'object'
      ? properties(text, node).map((one) => entry(text, `${name}.${one.name}`, one.node, lineOf))
      : [entry(text, name, node, lineOf)],
  );
}

function properties(text: string, { children = [] }: JsonNode): { name: string; node: JsonNode }[] {
  return children.flatMap(({ children: [name, node] = [] }) =>
    name === undefined || node === undefined ? [] : [{ name: decoded(rawOf(text, name)), node }],
  );
}

function entry(text: string, key: string, node: JsonNode, lineOf: (offset: number) => number): GuideEntry {
  return { key, value: valueIn(text, node), line: lineOf(node.offset) };
}

/** The guide has no lists and nothing deeper: such a value is undefined. */
function valueIn(text: string, node: JsonNode): unknown {
  return node.type === 'string' ? decoded(rawOf(text, node)) : node.value;
}
