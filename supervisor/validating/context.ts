/** What a validator is told beside the event. */
import type { AgentEvent, EventContext, SessionFacts, ValidatorSpec } from '../contract/validating.js';

/** JSON. */
export type ValidatorContext = {
  name: string;
  settings: Readonly<Record<string, unknown>>;
  /** Of the one event that it is asked about; '' with several, which have their own. */
  cwd: string;
  sessionId: string;
  projectFolder: string;
  session: SessionFacts;
  /** From when it is asked. */
  timeLeftMs: number;
};

export const NOTHING_KNOWN: EventContext = { projectFolder: '', session: { events: 0, decisions: [] } };

/** @param event undefined: there are several. */
export function contextOf(
  { name, settings }: ValidatorSpec,
  event: Pick<AgentEvent, 'cwd' | 'sessionId'> | undefined,
  known: EventContext,
  timeLeftMs: number,
): ValidatorContext {
  const { cwd, sessionId } = event ?? { cwd: '', sessionId: '' };
  const { projectFolder, session } = event === undefined ? NOTHING_KNOWN : known;
  return { name, settings, cwd, sessionId, projectFolder, session, timeLeftMs: Math.max(0, Math.round(timeLeftMs)) };
}
