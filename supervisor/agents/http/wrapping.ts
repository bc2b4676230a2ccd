/** One hook of a file that the agent is to ask for by HTTP: the edits that make it so, and those that take them back. */
import type { Level } from '../../contract/call.js';
import {
  HTTP_ADDRESS,
  HTTP_HOOK_NAME,
  HTTP_HOOK_PATH,
  HTTP_TOKEN_VARIABLE,
  type HttpHook,
} from '../../contract/http.js';
import { type Edit, edited, endOf, type JsonNode, member, parseDocument, property, rawOf } from '../json/document.js';
import type { HookEntry } from '../json/entries.js';
import { removed } from '../wrapping/entry.js';
import { whyNotByHttp } from './events.js';
import type { HttpRecord, HttpUse, RecordedHook } from './record.js';

export interface HttpWishes {
  port: number;
  /** A hook that cannot be asked for, since no daemon is there, is to block. */
  blocks: boolean;
  digestOf(text: string): string;
}

const OWN_URL = new RegExp(`^http://${HTTP_ADDRESS.replaceAll('.', '\\.')}:\\d{1,5}${HTTP_HOOK_PATH}([^/?#]+)$`);
const OWN_NAMES = ['url', 'headers', 'allowedEnvVars'];
const DIGITS_OF_DIGEST = 12;

/** Why the hook is not asked for by HTTP; undefined where it can be. */
export function whyNotHttp({ event, isAsync, shell, node, commandText, argTexts }: HookEntry): string | undefined {
  const words = [commandText, ...argTexts].join(' ');
  if (isAsync) return 'HTTP has no hooks in the background';
  if (shell !== undefined) return 'it names its shell';
  if (/CLAUDE_PLUGIN_|CLAUDE_ENV_FILE/.test(words)) return 'it asks for variables that HTTP does not tell';
  if (OWN_NAMES.some((name) => property(node, name) !== undefined)) return 'it has a url or headers already';
  return whyNotByHttp(event);
}

export interface HttpWritten {
  edits: Edit[];
  name: string;
  recorded: RecordedHook;
  url: string;
}

/** Undefined: something else, such as a comment, stands where a property would have to go. */
export function httpEdits(
  text: string,
  entry: HookEntry & { command: JsonNode },
  path: string,
  { timeoutMs, level }: { timeoutMs: number | undefined; level: string | undefined },
  { port, blocks, digestOf }: HttpWishes,
): HttpWritten | undefined {
  const { node, commandText: command, args, argTexts, argsProperty } = entry;
  const type = member(node, 'type');
  const commandProperty = property(node, 'command');
  const withoutArgs = argsProperty === undefined ? [] : [removed(text, argsProperty)];
  if (type === undefined || commandProperty === undefined || withoutArgs.includes(undefined)) return undefined;

  const own = member(node, 'onFailure')?.value;
  const onFailure = own === 'block' || (own === undefined && blocks) ? 'block' : 'continue';
  const ofHook = { command, args: args && [...argTexts], timeoutMs: timeoutMs ?? 0, level: level as Level | undefined };
  const hook: HttpHook = { ...ofHook, onFailure };
  // Of equal hooks the agent runs one, as long as their URLs are equal: so the name follows from the hook.
  const name = `${slugOf([command, ...argTexts].join(' '))}-${digestOf(JSON.stringify(hook)).slice(0, DIGITS_OF_DIGEST)}`;
  const url = `http://${HTTP_ADDRESS}:${port}${HTTP_HOOK_PATH}${name}`;
  const properties = [
    `"url": "${url}"`,
    `"headers": {"Authorization": "Bearer $${HTTP_TOKEN_VARIABLE}"}`,
    `"allowedEnvVars": ["${HTTP_TOKEN_VARIABLE}"]`,
    ...(own === undefined && blocks ? ['"onFailure": "block"'] : []),
  ];
  const edits = [
    { start: type.offset, end: endOf(type), text: '"http"' },
    { start: commandProperty.offset, end: endOf(commandProperty), text: properties.join(', ') },
    ...(withoutArgs as Edit[]),
  ];
  if (overlap(edits)) return undefined;
  const before = rawOf(text, node);
  const inNode = edits.map((one) => ({ ...one, start: one.start - node.offset, end: one.end - node.offset }));
  const use = { path, before, after: edited(before, inNode) };
  return { edits, name, url, recorded: { hook, uses: [use] } };
}

/** Edits that leave what was there before; 'undecided' for one that was changed so that it cannot be told; undefined for one
 *  that is not ours, or of which there is no record. */
export function unwrapHttpEdits(text: string, entry: HookEntry, record: HttpRecord): Edit[] | 'undecided' | undefined {
  const recorded = record.get(httpNameOf(entry) ?? '');
  if (recorded === undefined) return undefined;
  const { node } = entry;
  const now = rawOf(text, node);
  const exact = recorded.uses.find(({ after }) => after === now);
  if (exact !== undefined) return [{ start: node.offset, end: endOf(node), text: exact.before }];
  const [use] = recorded.uses;
  return (use && merged(text, node, use)) ?? 'undecided';
}

/** The name in the URL of a hook that goes to a daemon of ours. */
export function httpNameOf({ type, url }: HookEntry): string | undefined {
  const name = type === 'http' ? OWN_URL.exec(url)?.[1] : undefined;
  return name !== undefined && HTTP_HOOK_NAME.test(name) ? name : undefined;
}

/** Laid out anew, or with another time-out: property by property. */
function merged(text: string, node: JsonNode, use: HttpUse): Edit[] | undefined {
  const was = parseDocument(use.before);
  const [type, url] = [member(node, 'type'), property(node, 'url')];
  if (!was.ok || type === undefined || url === undefined) return undefined;
  const before = (name: string) => property(was.root, name);
  const words = [before('command'), before('args')].flatMap((one) =>
    one === undefined ? [] : [rawOf(use.before, one)],
  );
  const typeBefore = member(was.root, 'type');
  if (words.length === 0 || typeBefore === undefined) return undefined;
  const isOurs = (name: string) => name !== 'url' && (name !== 'onFailure' || before(name) === undefined);
  const removals = [...OWN_NAMES, 'onFailure'].filter(isOurs).flatMap((name) => property(node, name) ?? []);
  const edits = [
    { start: type.offset, end: endOf(type), text: rawOf(use.before, typeBefore) },
    { start: url.offset, end: endOf(url), text: words.join(', ') },
    ...removals.map((one) => removed(text, one)),
  ];
  return edits.includes(undefined) || overlap(edits as Edit[]) ? undefined : (edits as Edit[]);
}

function overlap(edits: readonly Edit[]): boolean {
  const sorted = [...edits].sort((a, b) => a.start - b.start);
  return sorted.some(({ start }, at) => start < (sorted[at - 1]?.end ?? 0));
}

/** So that one sees in the settings which hook it is: its script by name. */
function slugOf(words: string): string {
  const script =
    /([^\s/'"]+)\.(?:py|js|mjs|cjs|ts|sh|rb|pl)\b/.exec(words)?.[1] ?? /[^\s/'"]+(?=\s|$)/.exec(words)?.[0];
  const slug = (script ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 32);
  return slug === '' ? 'hook' : slug;
}
