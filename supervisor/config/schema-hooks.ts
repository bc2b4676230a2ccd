/** What a user may declare of hooks that are run for events; `hooks.ts` makes specs of it. */
import { LEVELS } from '../contract/call.js';
import { LIMITS } from '../contract/limits.js';
import { meantFields, name } from './schema-meant.js';
import { choice, commandText, commandWord, DAY_MS, object, whole } from './schema-parts.js';
import * as z from './zod.js';

const COMMAND_REQUIREMENT = `a text, or a list of a program and its arguments, ${LIMITS.handlerListMax} at most`;

export const eventHook = z.strictObject(
  {
    name: name.describe('By which it is shown'),
    command: z
      .union(
        [
          commandText,
          z
            .array(commandWord)
            .max(LIMITS.handlerListMax)
            .refine(([program = '']) => program !== ''),
        ],
        {
          error: COMMAND_REQUIREMENT,
        },
      )
      .describe("A text for the agent's shell, as in its settings; or a program and its arguments, without a shell"),
    ...meantFields,
    level: choice(LEVELS, 'Least level of it; default: by handlers and pluginLevel, as of every hook'),
    timeoutMs: whole('milliseconds', 1, DAY_MS, 'Its deadline; default 60000'),
    onFailure: choice(
      ['continue', 'block'],
      'What its failure means; default: what it means to the agent, and a deny where it could not be run at all',
    ),
  },
  object,
);

export const eventHooks = z
  .array(eventHook, { error: 'a list of hooks' })
  .max(LIMITS.eventHooksMax, `a list of at most ${LIMITS.eventHooksMax} hooks`)
  .describe("Hook commands that are run for events beside the validators; their verdicts come behind the validators'")
  .optional();
