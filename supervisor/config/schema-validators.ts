/** What a user may declare of validators; `validators.ts` makes specs of it. */
import { LEVELS } from '../contract/call.js';
import { LIMITS, MIB } from '../contract/limits.js';
import { BATCH_STRATEGIES, CACHE_SCOPES, PRIORITIES, VALIDATOR_RUNTIMES } from '../contract/validating.js';
import { meantFields, name, word } from './schema-meant.js';
import { choice, DAY_MS, heldFields, list, object, text, variable, whole } from './schema-parts.js';
import * as z from './zod.js';

const ENTRY_REQUIREMENT = 'an absolute path, one that begins with ~/, or builtin:NAME';
const FILE_REQUIREMENT = 'an absolute path, one that begins with ~/, or field:PATH.IN.EVENT';
const FIELD_REQUIREMENT = 'names with dots between them, such as tool_input.command';
const yesOrNo = () => z.boolean({ error: 'true or false' });

const cache = z.strictObject(
  {
    ttlMs: whole('milliseconds', 1, DAY_MS, 'How long an answer is used again; default 300000'),
    fields: list(
      text(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, FIELD_REQUIREMENT),
      'What of the event counts; default: all of it but the names of session and firing',
    ),
    files: list(text(/^(?:~\/|\/|field:)[^\0]+$/, FILE_REQUIREMENT), 'Files whose content counts'),
    env: list(variable, "The client's variables that count"),
    scope: choice(CACHE_SCOPES, 'Whether the folder counts, and the session; default project'),
    negative: yesOrNo().describe('Keep answers without a decision, too').optional(),
  },
  object,
);

const batch = z.strictObject(
  {
    strategy: choice(BATCH_STRATEGIES, 'When a batch is sent; default adaptive'),
    maxBatchSize: whole('events', 1, LIMITS.batchMaxEvents, 'Events in one batch; default by the profile, 100'),
    maxWaitMs: whole('milliseconds', 0, 1000, 'How long an event waits for others; default by the profile, 50'),
  },
  object,
);

export const validator = z.strictObject(
  {
    name: name.describe('By which it is shown and depended on'),
    runtime: choice(VALIDATOR_RUNTIMES, 'What runs it; default by the name of its entry'),
    entry: text(/^(?:~\/|\/|builtin:[a-z])[^\0]+$/, ENTRY_REQUIREMENT).describe('Its module or program'),
    args: list(word, 'Arguments of a program; only with runtime exec'),
    ...meantFields,
    level: choice(LEVELS, 'Isolation of its workers; default untrusted, contained for those built in'),
    ...heldFields,
    priority: choice(PRIORITIES, 'Who goes first where workers are scarce; default normal'),
    timeoutMs: whole('milliseconds', 1, DAY_MS, 'Deadline of one answer; default 5000'),
    dependsOn: list(name, 'Validators that are asked first; if one fails this one is skipped'),
    cache: cache.describe('Use answers again; default: never').optional(),
    batch: batch.describe('Ask about several events at once; default: one by one').optional(),
    idempotent: yesOrNo().describe('It may be asked once more where its worker was lost').optional(),
    onFailure: choice(['continue', 'block'], 'What its failure means; default block'),
    after: yesOrNo()
      .describe('Ask it after the answer, as durable work: it only tells the model something, with a later event')
      .optional(),
    workersMax: whole(
      'workers',
      1,
      LIMITS.residentsPerValidatorMax,
      'Worker processes at most; default by the profile, 1',
    ),
    settings: z
      .record(z.string(), z.json(), object)
      .refine((given) => JSON.stringify(given).length <= LIMITS.validatorSettingsMaxBytes, `at most ${MIB / 16} bytes`)
      .describe('Handed to it with each event')
      .optional(),
  },
  object,
);

export const validators = z
  .array(validator, { error: 'a list of validators' })
  .max(LIMITS.validatorsMax, `a list of at most ${LIMITS.validatorsMax} validators`)
  .describe('What is asked about events, in this order')
  .optional();
