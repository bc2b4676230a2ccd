/** The hooks of a file: `{"hooks": {EVENT: [...]}}`, and in the list either groups of hooks or the hooks themselves. */
import { decoded, items, type JsonNode, lineCounter, member, parseDocument, property, rawOf } from './document.js';

export interface HookShape {
  /** In the list of an event: `{"matcher": ..., "hooks": [HOOK, ...]}`. Else the hooks themselves. */
  hasGroups: boolean;
  /** Keys of the text that a shell runs, of which the first that is there counts. */
  command: readonly string[];
  timeout: string;
  /** Of a hook that has none; '': then it is none. */
  type: string;
}

/** Claude Code, Gemini CLI and Codex CLI. */
export const GROUPED: HookShape = { hasGroups: true, command: ['command'], timeout: 'timeout', type: '' };

export interface HookEntry {
  event: string;
  /** '' where there is none. */
  matcher: string;
  type: string;
  /** Of the hook, in their order. */
  keys: readonly string[];
  /** Counted from 1. */
  line: number;
  node: JsonNode;
  /** Of a hook that is asked for by HTTP. */
  url: string;
  /** Undefined where the entry holds no text there. */
  command: JsonNode | undefined;
  commandText: string;
  /** Undefined: no args, so `command` is a text for a shell. */
  args: readonly JsonNode[] | undefined;
  argTexts: readonly string[];
  argsProperty: JsonNode | undefined;
  /** In the unit of the agent; undefined where it is none above 0. */
  timeout: number | undefined;
  isAsync: boolean;
  shell: string | undefined;
}

export type Entries = { ok: true; entries: HookEntry[] } | { ok: false; line: number; column: number; what: string };

export function entriesOf(text: string, shape: HookShape = GROUPED): Entries {
  const document = parseDocument(text);
  if (!document.ok) return document;
  const hooks = member(document.root, 'hooks');
  const events = hooks?.type === 'object' ? (hooks.children ?? []) : [];
  const lineOf = lineCounter(text);
  return {
    ok: true,
    entries: events.flatMap(({ children }) => {
      const [name, groups] = children ?? [];
      // A name that stands twice: the last one counts for the agent, and the others stay as they are.
      if (name === undefined || groups === undefined || member(hooks, name.value as string) !== groups) return [];
      return items(groups).flatMap((group) =>
        (shape.hasGroups ? items(member(group, 'hooks')) : [group]).map((node) =>
          entryOf(text, shape, stringIn(text, name), group, node, lineOf(node.offset)),
        ),
      );
    }),
  };
}

/** @param group what has the matcher: perhaps the hook itself. */
function entryOf(
  text: string,
  shape: HookShape,
  event: string,
  group: JsonNode,
  node: JsonNode,
  line: number,
): HookEntry {
  const command = shape.command.map((key) => member(node, key)).find((found) => found !== undefined);
  const type = member(node, 'type');
  const argsProperty = property(node, 'args');
  const args = argsProperty?.children?.[1];
  const timeout = member(node, shape.timeout)?.value;
  const isTrue = (name: string) => member(node, name)?.value === true;
  return {
    event,
    matcher: stringIn(text, member(group, 'matcher')),
    type: type === undefined && node.type === 'object' ? shape.type : stringIn(text, type),
    keys: node.type === 'object' ? (node.children ?? []).map(({ children }) => stringIn(text, children?.[0])) : [],
    line,
    node,
    url: stringIn(text, member(node, 'url')),
    command: command?.type === 'string' && (args === undefined || isTexts(args)) ? command : undefined,
    commandText: stringIn(text, command),
    args: args === undefined ? undefined : items(args),
    argTexts: items(args).map((item) => stringIn(text, item)),
    argsProperty,
    timeout: typeof timeout === 'number' && timeout > 0 ? timeout : undefined,
    isAsync: isTrue('async') || isTrue('asyncRewake'),
    shell: member(node, 'shell') === undefined ? undefined : stringIn(text, member(node, 'shell')),
  };
}

function isTexts(args: JsonNode): boolean {
  return args.type === 'array' && items(args).every(({ type }) => type === 'string');
}

/** '' for anything but a string. */
function stringIn(text: string, node: JsonNode | undefined): string {
  return node?.type === 'string' ? decoded(rawOf(text, node)) : '';
}
