/** What the schemas of the configuration are put together from. Each message is the requirement itself, so that it can follow
 *  "give". */
import { ALLOW_REQUIREMENT, parseAllowEntry } from '../contract/allow-list.js';
import { LAYER_TEXT, type LayerName } from '../contract/isolation.js';
import { LIMITS } from '../contract/limits.js';
import * as z from './zod.js';

export const DAY_MS = 24 * 60 * 60 * 1000;
export const NETWORKS = ['none', 'host'] as const;
const NEEDS = ['cgroup', ...(Object.keys(LAYER_TEXT) as LayerName[])] as const;
const HOMELIKE_REQUIREMENT = 'an absolute path, or one that begins with ~/';
const NAME_REQUIREMENT = 'the name of a variable';
const NETWORK_REQUIREMENT = `one of none, host, or {"allow": [...]} with 1 to ${LIMITS.handlerListMax} hosts`;

export const object = { error: 'an object' };

export function whole(unit: string, min: number, max: number, meaning: string) {
  const requirement = `a whole number of ${unit} from ${min} to ${max}`;
  return z.int({ error: requirement }).min(min, requirement).max(max, requirement).describe(meaning).optional();
}

export function choice<const T extends readonly [string, ...string[]]>(values: T, meaning: string) {
  return z
    .enum(values, { error: `one of ${values.join(', ')}` })
    .describe(meaning)
    .optional();
}

export function pattern(form: RegExp, requirement: string, meaning: string) {
  return z.string({ error: requirement }).regex(form, requirement).nullable().describe(meaning).optional();
}

export function text(pattern: RegExp, requirement: string) {
  return z
    .string({ error: requirement })
    .max(LIMITS.handlerTextMaxCharacters, `a text of at most ${LIMITS.handlerTextMaxCharacters} characters`)
    .regex(pattern, requirement);
}

export function list<T extends z.ZodType>(item: T, meaning: string) {
  const requirement = `a list of at most ${LIMITS.handlerListMax}`;
  return z.array(item, { error: requirement }).max(LIMITS.handlerListMax, requirement).describe(meaning).optional();
}

const COMMAND_REQUIREMENT = `a text of at most ${LIMITS.httpCommandMaxCharacters} characters`;
export const commandWord = z
  .string({ error: COMMAND_REQUIREMENT })
  .max(LIMITS.httpCommandMaxCharacters, COMMAND_REQUIREMENT)
  .regex(/^[^\0]*$/, COMMAND_REQUIREMENT);
export const commandText = commandWord.min(1, COMMAND_REQUIREMENT);

export const path = text(/^(?:~\/|\/)[^\0]*$/, HOMELIKE_REQUIREMENT);

export const variable = text(/^[A-Za-z_][A-Za-z0-9_]*$/, NAME_REQUIREMENT);

const host = text(/^[^\0]+$/, ALLOW_REQUIREMENT).refine(
  (entry) => parseAllowEntry(entry) !== undefined,
  ALLOW_REQUIREMENT,
);
const allow = z
  .array(host)
  .min(1, NETWORK_REQUIREMENT)
  .max(LIMITS.handlerListMax, NETWORK_REQUIREMENT)
  .describe('Hosts that may be reached');
const network = z
  .union([z.enum(NETWORKS), z.strictObject({ allow })], { error: NETWORK_REQUIREMENT })
  .describe('none: no sockets; host: as in a direct run; allow: listed hosts. Default: host, none at untrusted')
  .optional();

/** How something above `contained` is held. */
export const heldFields = {
  network,
  write: list(path, 'Folders that may be written, beside those of the level'),
  read: list(path, 'Files and folders that may be read, beside those of the level'),
  env: list(variable, 'Variables that pass, beside the usual ones'),
  require: list(
    z.enum(NEEDS, { error: `one of ${NEEDS.join(', ')}` }),
    'Layers without which such a hook is refused, whatever its level needs',
  ),
  allowDegraded: z
    .boolean({ error: 'true or false' })
    .describe('Run with the layers that the host gives, though the level needs more')
    .optional(),
};
