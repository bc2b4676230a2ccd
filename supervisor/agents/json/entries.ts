/** The hooks of a file in the shape that Claude Code, Gemini CLI and Codex CLI share:
 *  `{"hooks": {EVENT: [{"matcher": ..., "hooks": [{"type": "command", "command": ...}]}]}}`. */
import { decoded, items, type JsonNode, lineCounter, member, parseDocument, property, rawOf } from './document.js';

export interface HookEntry {
  event: string;
  /** '' where there is none. */
  matcher: string;
  type: string;
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

export function entriesOf(text: string): Entries {
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
        items(member(group, 'hooks')).map((node) =>
          entryOf(text, stringIn(text, name), group, node, lineOf(node.offset)),
        ),
      );
    }),
  };
}

function entryOf(text: string, event: string, group: JsonNode, node: JsonNode, line: number): HookEntry {
  const command = member(node, 'command');
  const argsProperty = property(node, 'args');
  const args = argsProperty?.children?.[1];
  const timeout = member(node, 'timeout')?.value;
  const isTrue = (name: string) => member(node, name)?.value === true;
  return {
    event,
    matcher: stringIn(text, member(group, 'matcher')),
    type: stringIn(text, member(node, 'type')),
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
