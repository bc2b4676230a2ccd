/** What is asked of an agent's event, validator or hook: its name, and which events it means. */
import { EVENT_AGENTS, VALIDATOR_NAME } from '../contract/validating.js';
import { list, text } from './schema-parts.js';
import * as z from './zod.js';

const NAME_REQUIREMENT = 'a name of small letters, digits and dashes, at most 64 characters';
const WORD_REQUIREMENT = 'a text without NUL';

export const name = text(VALIDATOR_NAME, NAME_REQUIREMENT);
export const word = text(/^[^\0]*$/, WORD_REQUIREMENT);

export const meantFields = {
  agents: list(
    z.enum(EVENT_AGENTS, { error: `one of ${EVENT_AGENTS.join(', ')}` }),
    'Whose events it is asked about; default: all',
  ),
  events: list(text(/^[A-Za-z]+$/, 'the name of an event'), "Which, by the agent's names; default: all"),
  matcher: word.describe("As in the agent's own settings; default: all").optional(),
};
