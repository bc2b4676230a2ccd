/** What an answer depends on, as one digest. Pure: the identities of files come in. Whatever cannot be told for sure makes no key,
 *  and without a key nothing is kept: a missed hit costs a question, a wrong one an answer. */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { LIMITS } from '../contract/limits.js';
import type { AgentEvent, CacheRule, ValidatorSpec } from '../contract/validating.js';
import { canonicalJson } from './canonical.js';

/** Changed with the meaning of a key: old ones then match nothing. */
const KEY_VERSION = 1;

const FROM_FIELD = 'field:';

/** They tell which firing it is, not what is asked; the folder and the session count by the scope. */
const NAMES_OF_THE_FIRING = new Set([
  ...[
    'session_id',
    'sessionId',
    'conversation_id',
    'generation_id',
    'turn_id',
    'prompt_id',
    'tool_use_id',
    'toolCallId',
  ],
  ...['transcript_path', 'scratchpad_dir', 'timestamp', 'cwd', 'hook_event_name'],
]);

export interface Question {
  /** All of it counts, but who asks has it at hand for long: it is taken as it was when it was first seen. */
  spec: ValidatorSpec;
  /** A digest of its code. */
  code: string;
  rule: CacheRule;
  event: AgentEvent;
  /** Variables of the client. */
  env(name: string): string | undefined;
}

const digests = new WeakMap<ValidatorSpec, string>();

/** Of a validator as it is configured; undefined: it is larger than any key may be. */
function digestOfSpec(spec: ValidatorSpec): string | undefined {
  const known = digests.get(spec);
  if (known !== undefined) return known;
  const text = canonicalJson(spec, LIMITS.cacheKeyMaxCharacters);
  if (text === undefined) return undefined;
  const digest = digestOf(text);
  digests.set(spec, digest);
  return digest;
}

export interface FileOfKey {
  path: string;
  /** Of its content; or that it is absent. */
  digest: string;
}

/** The files whose content counts for this event; undefined: there is one that cannot be told. */
export function filesOf({ files }: CacheRule, event: AgentEvent): string[] | undefined {
  const paths: string[] = [];
  for (const file of files) {
    const named = file.startsWith(FROM_FIELD) ? valueAt(event.raw, file.slice(FROM_FIELD.length)) : file;
    if (named === undefined || named === null) continue;
    if (typeof named !== 'string' || (event.cwd === '' && !posix.isAbsolute(named))) return undefined;
    paths.push(posix.resolve(event.cwd, named));
  }
  return paths;
}

/** @param files those of `filesOf`, in its order. */
export function keyOf(question: Question, files: readonly FileOfKey[]): string | undefined {
  const { spec, code, rule, event, env } = question;
  const configured = digestOfSpec(spec);
  const inputs = inputsOf(rule, event);
  const scope = scopeOf(rule, event);
  if (configured === undefined || inputs === undefined || scope === undefined) return undefined;
  const { agent, name, matched, toolName } = event;
  const variables = rule.env.map((one) => [one, env(one) ?? null]);
  const all = [KEY_VERSION, configured, code, agent, name, matched, toolName, inputs, scope, variables, files];
  const text = canonicalJson(all, LIMITS.cacheKeyMaxCharacters);
  return text === undefined ? undefined : digestOf(text);
}

/** A list of fields of which the event has none names nothing that could tell two events apart, as after a slip of the pen. */
function inputsOf({ fields }: CacheRule, { raw }: AgentEvent): unknown {
  if (fields.length === 0)
    return Object.fromEntries(Object.entries(raw).filter(([name]) => !NAMES_OF_THE_FIRING.has(name)));
  const values = fields.map((field) => valueAt(raw, field));
  if (values.every((value) => value === undefined)) return undefined;
  // One that is not there is not one that is null.
  return values.map((value) => (value === undefined ? [] : [value]));
}

/** undefined: the agent does not tell what would keep two of them apart. */
function scopeOf({ scope }: CacheRule, { cwd, sessionId }: AgentEvent): string[] | undefined {
  const parts: readonly string[] = { global: [], project: [cwd], session: [cwd, sessionId] }[scope];
  return parts.includes('') ? undefined : [scope, ...parts];
}

/** Own properties only: a path must not lead into what all objects have. */
function valueAt(raw: Record<string, unknown>, path: string): unknown {
  let value: unknown = raw;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
