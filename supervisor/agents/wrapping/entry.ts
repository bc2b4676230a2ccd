/** One hook of a file: the edits that put the client in front of it, and those that take it away again. */
import type { Agent } from '../agent.js';
import { decoded, type Edit, encoded, endOf, type JsonNode, rawOf } from '../json/document.js';
import type { HookEntry } from '../json/entries.js';
import {
  type ClientCall,
  canStandAside,
  clientText,
  clientTextLength,
  clientWordCount,
  clientWords,
  type Front,
  standsAside,
} from './client-words.js';
import { quotedRaw, rawFrom, said, unquotedRaw } from './shell-quoting.js';

/** `text`: stays a text for the agent's shell. `args`: the agent starts the client without a shell. */
export type Form = 'text' | 'args';

/** How the agent reads a text. */
export type Dialect = Pick<Agent, 'placeholder' | 'shell' | 'textForm'>;

export type Wrappable = HookEntry & { command: JsonNode };

/** @param form of a hook that is a text; one with args keeps them. */
export function wrapEdits(text: string, entry: Wrappable, call: ClientCall, form: Form, dialect: Dialect): Edit[] {
  const { command, args, argsProperty } = entry;
  const raw = rawOf(text, command);
  const at = { start: command.offset, end: endOf(command) };
  const words = (verb: 'sh' | 'run') => clientWords(verb, call).map(encoded).join(', ');
  if (args !== undefined && argsProperty !== undefined) {
    const [list] = argsProperty.children?.slice(1) ?? [];
    const inside = (list?.offset ?? 0) + 1;
    // No blank behind the comma: what stood there stays, and taking ours away leaves it.
    const insertion = `${words('run')}, ${raw}${args.length > 0 ? ',' : ''}`;
    return [
      { ...at, text: encoded(call.client) },
      { start: inside, end: inside, text: insertion },
    ];
  }
  if (form === 'args') return [{ ...at, text: `${encoded(call.client)}, "args": [${words('sh')}, ${raw}]` }];
  return [{ ...at, text: wrappedText(raw, call, dialect) }];
}

function wrappedText(raw: string, call: ClientCall, dialect: Dialect): string {
  const inside = raw.slice(1, -1);
  const front = frontFor(inside, call, dialect);
  const hook = front === 'quoted' ? quotedRaw(inside, dialect.placeholder) : inside;
  return `${encoded(clientText(call, front)).slice(0, -1)}${hook}"`;
}

/** What an agent of bash puts into a text is quoted for a shell already: a second time no quotes hold it. */
function frontFor(inside: string, call: ClientCall, { placeholder, shell, textForm }: Dialect): Front {
  const isFilled = placeholder !== undefined && said(inside).search(placeholder) >= 0;
  return isFilled && shell === 'bash' && canStandAside(call) ? 'aside' : textForm;
}

/** Edits that leave what was there before; 'undecided' for a hook that is ours but was changed so that it cannot be told;
 *  undefined for one that is not ours. */
export function unwrapEdits(text: string, entry: HookEntry, dialect: Dialect): Edit[] | 'undecided' | undefined {
  const { command, commandText, args, argTexts, argsProperty } = entry;
  if (command === undefined) return undefined;
  if (args === undefined || argsProperty === undefined) return unwrapText(text, command, dialect);
  const count = clientWordCount(commandText, argTexts);
  const hook = count === undefined ? undefined : args[count];
  if (hook === undefined) return undefined;
  const replaced = { start: command.offset, end: endOf(command), text: rawOf(text, hook) };
  if (argTexts[0] === 'run') return [replaced, withoutFront(text, argsProperty, hook)];
  const gap = text.slice(endOf(command), argsProperty.offset);
  // Beside each other, as we have written them, though perhaps laid out anew.
  if (/^\s*,\s*$/.test(gap)) return [{ ...replaced, end: endOf(argsProperty) }];
  const removal = removed(text, argsProperty);
  return removal === undefined ? 'undecided' : [replaced, removal];
}

function unwrapText(
  text: string,
  command: JsonNode,
  { placeholder, textForm }: Dialect,
): Edit[] | 'undecided' | undefined {
  const raw = rawOf(text, command).slice(1, -1);
  const length = clientTextLength(said(raw), textForm);
  if (length === undefined) return undefined;
  const behind = rawFrom(raw, length);
  const isQuoted = textForm === 'quoted' && !standsAside(said(raw));
  const hook = isQuoted ? unquotedRaw(behind, placeholder) : behind;
  if (hook === undefined) return 'undecided';
  return [{ start: command.offset, end: endOf(command), text: `"${hook}"` }];
}

/** Our words and the hook's own program, from the front of its args. */
function withoutFront(text: string, argsProperty: JsonNode, hook: JsonNode): Edit {
  const start = (argsProperty.children?.[1]?.offset ?? 0) + 1;
  const [comma] = /^\s*,/.exec(text.slice(endOf(hook))) ?? [''];
  return { start, end: endOf(hook) + comma.length, text: '' };
}

/** A property with its comma; undefined where something else, such as a comment, stands between it and its neighbour. */
export function removed(text: string, node: JsonNode): Edit | undefined {
  const siblings = node.parent?.children ?? [];
  const at = siblings.indexOf(node);
  const [before, after] = [siblings[at - 1], siblings[at + 1]];
  const gap = (start: number, end: number): Edit | undefined =>
    /^\s*,\s*$/.test(text.slice(start, end)) ? { start, end, text: '' } : undefined;
  if (before !== undefined) {
    const edit = gap(endOf(before), node.offset);
    return edit && { ...edit, end: endOf(node) };
  }
  const edit = after && gap(endOf(node), after.offset);
  return edit && { ...edit, start: node.offset };
}

/** What the agent takes for the same hook. */
export function identityOf(text: string, { command, args, argTexts, type, url }: HookEntry): string {
  if (type === 'http') return httpIdentity(url);
  return identity(command === undefined ? null : decoded(rawOf(text, command)), args && argTexts);
}

/** That of the hook once it is wrapped. */
export function wrappedIdentity(
  text: string,
  { command, commandText, args, argTexts }: Wrappable,
  call: ClientCall,
  form: Form,
  dialect: Dialect,
): string {
  if (args !== undefined) return identity(call.client, [...clientWords('run', call), commandText, ...argTexts]);
  if (form === 'args') return identity(call.client, [...clientWords('sh', call), commandText]);
  return identity(decoded(wrappedText(rawOf(text, command), call, dialect)), undefined);
}

export function httpIdentity(url: string): string {
  return JSON.stringify(['http', url]);
}

function identity(command: string | null, args: readonly string[] | undefined): string {
  return JSON.stringify([command, args ?? null]);
}
