/** What a user may set: keys, types and ranges. The same schema judges the file, the environment and the flags, and is
 *  published as docs/config.schema.json. Each message is the requirement itself, so that it can follow "give". */
import { LEVELS } from '../contract/call.js';
import { LOG_LEVELS } from '../contract/config.js';
import { HTTP_HOOK_NAME } from '../contract/http.js';
import { LIMITS, MIB } from '../contract/limits.js';
import { PROFILE_CHOICES } from '../contract/profiles.js';
import { eventHook, eventHooks } from './schema-hooks.js';
import {
  choice,
  commandText,
  commandWord,
  DAY_MS,
  heldFields,
  list,
  object,
  pattern,
  text,
  whole,
} from './schema-parts.js';
import { validator, validators } from './schema-validators.js';
import * as z from './zod.js';

const GIB = 1024 * MIB;

export const CGROUP_DRIVERS = ['auto', 'v2', 'v1', 'none'] as const;

/** cpu.max as the kernel takes it: it refuses quotas below 1 ms and periods outside 1 ms to 1 s. */
function isCpuMax(text: string): boolean {
  const match = /^(\d{1,12}) (\d{1,7})$/.exec(text);
  const quotaUs = Number(match?.[1]);
  const periodUs = Number(match?.[2]);
  return match !== null && quotaUs >= 1000 && periodUs >= 1000 && periodUs <= 1_000_000;
}

const CPU_MAX_REQUIREMENT =
  '"QUOTA PERIOD" in microseconds, for example "200000 100000" for two cores, or null for none';
const IO_MAX = /^\d{1,10}:\d{1,10}( (rbps|wbps|riops|wiops)=(\d{1,15}|max)){1,4}$/;
const IO_MAX_REQUIREMENT =
  '"MAJOR:MINOR KEY=VALUE..." with rbps, wbps, riops or wiops, for example "8:0 wbps=10485760", or null for none';
const CPUSET = /^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?){0,63}$/;
const CPUSET_REQUIREMENT = 'a list of processors, for example "0-3,5", or null for all';
const PATH_REQUIREMENT = 'an absolute path, or null for none';

const GLOB_REQUIREMENT = 'a pattern that begins with /, ~/ or **/';

const handler = z.strictObject(
  {
    match: text(/^(?:~\/|\*\*\/|\/)[^\0]+$/, GLOB_REQUIREMENT).describe('Pattern over the path of the file that runs'),
    level: z.enum(LEVELS, { error: `one of ${LEVELS.join(', ')}` }).describe('Level of the hooks that match'),
    ...heldFields,
    idempotent: z
      .boolean({ error: 'true or false' })
      .describe('Running it a second time does no harm: done once where the first run was lost')
      .optional(),
  },
  object,
);

const PORT_REQUIREMENT = 'a port from 0 to 65535';
const HOOK_NAME_REQUIREMENT = 'names of small letters, digits and dashes, at most 64 characters';
const httpHook = z.strictObject(
  {
    command: commandText.describe('A text for /bin/sh; with args: a program'),
    args: list(commandWord, 'What the program is started with, without a shell'),
    timeoutMs: whole('milliseconds', 0, DAY_MS, 'Its deadline; 0: timeoutMs'),
    level: choice(LEVELS, 'Least level of it'),
    onFailure: choice(['continue', 'block'], 'What a failure is answered with: an error, or a block'),
  },
  object,
);

const PROCESSES_REQUIREMENT = `a whole number of processes from 0 to ${LIMITS.slotsPerPoolMax}`;
const PARKED_REQUIREMENT = `${PROCESSES_REQUIREMENT}, or {"min": ..., "max": ...} with two of them`;

const processes = z
  .int({ error: PROCESSES_REQUIREMENT })
  .min(0, PROCESSES_REQUIREMENT)
  .max(LIMITS.slotsPerPoolMax, PROCESSES_REQUIREMENT);
const parkedRange = z.strictObject({
  min: processes.describe('Kept ready also when no call comes').optional(),
  max: processes.describe('Kept ready for the largest bursts of calls').optional(),
});

function parkedCount(meaning: string) {
  return z.union([processes, parkedRange], { error: PARKED_REQUIREMENT }).describe(meaning).optional();
}

const PARKED = {
  exec: parkedCount('Processes kept ready for any command'),
  python: parkedCount('Processes kept ready for each Python interpreter'),
  node: parkedCount('Processes kept ready for each Node and its flags'),
};

export const userSettings = z.strictObject(
  {
    $schema: z.string({ error: 'a text' }).describe('Where an editor finds this schema').optional(),
    logLevel: choice(LOG_LEVELS, 'Least severity that is written to the log'),
    profile: choice(PROFILE_CHOICES, 'What the defaults of the rest are made for; default balanced'),
    parked: z.strictObject(PARKED, object).optional(),
    parkedMemoryMaxBytes: whole(
      'bytes',
      0,
      2 ** 50,
      'Memory of the parked processes of all interpreters together; the pool used last always keeps one',
    ),
    slotsPerPool: whole('slots', 1, LIMITS.slotsPerPoolMax, 'Most processes of one pool, parked and running together'),
    interpreterPoolsMax: whole(
      'pools',
      0,
      LIMITS.poolsMax - 1,
      'Warm interpreters kept at once; the least recently used goes first',
    ),
    limits: z
      .strictObject(
        {
          memoryMaxBytes: whole('bytes', 16 * MIB, 2 ** 50, 'Memory of one task'),
          swapMaxBytes: whole('bytes', 0, 2 ** 50, 'Swap of one task'),
          pidsMax: whole('processes', 8, 4_194_304, 'Processes and threads of one task'),
          cpuMax: z
            .string({ error: CPU_MAX_REQUIREMENT })
            .refine(isCpuMax, CPU_MAX_REQUIREMENT)
            .nullable()
            .describe('CPU time of one task, QUOTA PERIOD in microseconds')
            .optional(),
          cpuBurstUs: whole('microseconds', 0, 1_000_000, 'Quota that an idle task may save up; 0: none'),
          cpuWeight: whole('shares', 0, 10_000, 'Share of a busy CPU, 100 being usual; 0: as the kernel has it'),
          cpuTimeMaxMs: whole('milliseconds', 0, DAY_MS, 'CPU time after which a task is ended; 0: none'),
          memoryHighBytes: whole('bytes', 0, 2 ** 50, 'Memory from which on a task is slowed down; 0: none'),
          ioMax: pattern(IO_MAX, IO_MAX_REQUIREMENT, 'Reads and writes of one task on one device'),
          cpuset: pattern(CPUSET, CPUSET_REQUIREMENT, 'Processors that tasks may run on'),
          totalMemoryMaxBytes: whole('bytes', 0, 2 ** 50, 'Memory of all pools together; 0: no bound'),
          totalPidsMax: whole('processes', 0, 4_194_304, 'Processes and threads of all pools together; 0: no bound'),
        },
        object,
      )
      .optional(),
    outputMaxBytes: whole('bytes', 64 * 1024, 4 * GIB, 'Most output of one task on each of stdout and stderr'),
    timeoutMs: whole('milliseconds', 0, DAY_MS, 'Deadline of a task whose client asks for none; 0: none'),
    cancelGraceMs: whole('milliseconds', 0, 60_000, 'Between the signal to a cancelled task and its kill'),
    outputGraceMs: whole('milliseconds', 0, 60_000, 'How long to wait for output that background children hold open'),
    cgroup: choice(CGROUP_DRIVERS, 'How tasks are limited; auto: v2 where it can be had, else v1 for root'),
    cgroupPath: z
      .string({ error: PATH_REQUIREMENT })
      .startsWith('/', PATH_REQUIREMENT)
      .nullable()
      .describe('A delegated cgroup v2 folder to work below; needs cgroup "v2"')
      .optional(),
    pythonWarm: z.boolean({ error: 'true or false' }).describe('Keep Python interpreters warm').optional(),
    records: z
      .strictObject(
        {
          on: z.boolean({ error: 'true or false' }).describe('Keep records of calls in the state folder').optional(),
          batchRows: whole('calls', 1, LIMITS.recordsWrittenAtOnceMax, 'Ended calls that are written at once'),
          batchDelayMs: whole(
            'milliseconds',
            10,
            60_000,
            'How long an ended call waits for more to be written with it',
          ),
          ageMaxDays: whole('days', 1, 3650, 'Older records are deleted'),
          sizeMaxBytes: whole('bytes', MIB, 64 * GIB, 'Of more than that the oldest records are deleted'),
        },
        object,
      )
      .optional(),
    http: z
      .strictObject(
        {
          on: z.boolean({ error: 'true or false' }).describe("Serve agents' http hooks on 127.0.0.1").optional(),
          port: z
            .int({ error: PORT_REQUIREMENT })
            .min(0, PORT_REQUIREMENT)
            .max(65_535, PORT_REQUIREMENT)
            .describe('Where; 0: any that is free, another at each start')
            .optional(),
          hooks: z
            .record(z.string().regex(HTTP_HOOK_NAME, HOOK_NAME_REQUIREMENT), httpHook, {
              error: ({ code }) => (code === 'invalid_key' ? HOOK_NAME_REQUIREMENT : 'an object'),
            })
            .refine((hooks) => Object.keys(hooks).length <= LIMITS.httpHooksMax, `at most ${LIMITS.httpHooksMax} hooks`)
            .describe('What is run for a POST to /hook/NAME, beside what install has written')
            .optional(),
        },
        object,
      )
      .optional(),
    handlers: z
      .array(handler, { error: 'a list of handlers' })
      .max(LIMITS.handlerRulesMax, `a list of at most ${LIMITS.handlerRulesMax} handlers`)
      .describe('Which hooks run at which level; the first that matches counts')
      .optional(),
    validators,
    hooks: eventHooks,
    validatorTasksAtOnce: whole(
      'tasks',
      1,
      LIMITS.validatorTasksAtOnceMax,
      'Tasks at workers of validators at a time, of all together',
    ),
    cache: z
      .strictObject(
        {
          entriesMax: whole('answers', 0, LIMITS.cacheEntriesMax, 'Kept answers of validators; 0: none'),
          bytesMax: whole('bytes', 0, LIMITS.cacheMaxBytes, 'Memory of kept answers'),
        },
        object,
      )
      .optional(),
    pluginLevel: choice(LEVELS, "Level of hooks below an agent's plugin folder that no handler matches"),
  },
  object,
);

export type UserSettings = z.infer<typeof userSettings>;

/** Every key path of the schema, for suggestions. */
export const KNOWN_KEYS: Record<string, readonly string[]> = {
  '': Object.keys(userSettings.shape),
  parked: Object.keys(PARKED),
  ...Object.fromEntries(Object.keys(PARKED).map((runtime) => [`parked.${runtime}`, Object.keys(parkedRange.shape)])),
  limits: Object.keys(userSettings.shape.limits.unwrap().shape),
  records: Object.keys(userSettings.shape.records.unwrap().shape),
  cache: Object.keys(userSettings.shape.cache.unwrap().shape),
  http: Object.keys(userSettings.shape.http.unwrap().shape),
  handlers: Object.keys(handler.shape),
  validators: Object.keys(validator.shape),
  hooks: Object.keys(eventHook.shape),
};

export function configJsonSchema(): Record<string, unknown> {
  return { title: 'hook-supervisor configuration', ...z.toJSONSchema(userSettings, { target: 'draft-7' }) };
}
