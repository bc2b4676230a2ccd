/** Claude Code's events. Its names and fields were taken over by others, so an event without their marks is its own. */
import { textOf } from '../../json/fields.js';
import { snakeCaseParts } from '../parts.js';
import type { EventRules } from '../verdicts.js';
import { can } from './can.js';
import { claudeEvent } from './events.js';
import { isAsync } from './first-line.js';
import { read } from './read.js';
import { write } from './write.js';

export const claude: EventRules = {
  isSender: ({ hook_event_name, session_id }) => typeof hook_event_name === 'string' && typeof session_id === 'string',
  parts: (raw, name) =>
    snakeCaseParts(raw, name, (event) => {
      const looked = textOf(raw[claudeEvent(event)?.matched ?? 'tool_name']);
      return event === 'FileChanged' ? looked.slice(looked.lastIndexOf('/') + 1) : looked;
    }),
  can,
  read,
  isAsync,
  write,
};
