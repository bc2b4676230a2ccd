/** What a validator is told beside the event. */
import type { AgentEvent, ValidatorSpec } from '../contract/validating.js';

/** JSON. */
export type ValidatorContext = {
  name: string;
  settings: Readonly<Record<string, unknown>>;
  /** Of the one event that it is asked about; '' with several, which have their own. */
  cwd: string;
  sessionId: string;
  /** From when it is asked. */
  timeLeftMs: number;
};

export function contextOf(
  { name, settings }: ValidatorSpec,
  event: Pick<AgentEvent, 'cwd' | 'sessionId'> | undefined,
  timeLeftMs: number,
): ValidatorContext {
  const { cwd, sessionId } = event ?? { cwd: '', sessionId: '' };
  return { name, settings, cwd, sessionId, timeLeftMs: Math.max(0, Math.round(timeLeftMs)) };
}
