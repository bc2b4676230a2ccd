/** What a command hook has told Copilot CLI, by its documentation. */
import type { AgentEvent, Decision } from '../../../contract/validating.js';
import { type Fields, fieldsIn, isFields, textOf } from '../../json/fields.js';
import { answered, failedBy, othersIn, PERMISSIONS, saying } from '../answers.js';
import type { CommandEnd, Outcome, Saying } from '../verdicts.js';
import { type CopilotEvent, copilotEvent } from './events.js';

const KNOWN = ['permissionDecision', 'permissionDecisionReason', 'modifiedArgs', 'additionalContext'];

export function read({ name }: AgentEvent, end: CommandEnd): Outcome {
  const { answer } = copilotEvent(name);
  const stdout = withoutProgress(end.stdout.toString('utf8'));
  const stderr = end.stderr.toString('utf8').trim();
  if (answer === 'recovery' && end.exitCode === 2) return answered(saying({ context: stdout || stderr }));
  // What it cannot parse is no output to it.
  const fields = fieldsIn(Buffer.from(stdout)) ?? {};
  const others = othersIn(fields, [...KNOWN, ...decidingNames(answer)], {}, []);
  const said = decided(answer, fields);
  // There any failure refuses, whatever stands on stdout.
  const isRefused = answer === 'permission' ? end.exitCode !== 0 : answer === 'behavior' && end.exitCode === 2;
  if (isRefused) {
    const words = said.decision === 'deny' ? said.reason : '';
    return answered({ others, decision: 'deny', reason: words || stderr || 'the hook refuses by its exit status' });
  }
  if (end.exitCode !== 0) return failedBy(end);
  return answered({ others, ...saying({ ...said, context: textOf(fields.additionalContext) }) });
}

/** Lines that only tell how far the hook is. */
function withoutProgress(stdout: string): string {
  const isProgress = (line: string) => /"progress"/.test(line) && fieldsIn(Buffer.from(line))?.type === 'progress';
  const lines = stdout.split('\n').filter((line) => !isProgress(line));
  return lines.join('\n').trim();
}

function decidingNames(answer: CopilotEvent['answer']): readonly string[] {
  if (answer === 'behavior') return ['behavior', 'message'];
  return answer === 'block' ? ['decision', 'reason'] : [];
}

function decided(answer: CopilotEvent['answer'], fields: Fields): Saying {
  const decision = (name: unknown): Decision | undefined => PERMISSIONS.find((one) => one === name);
  switch (answer) {
    case 'permission':
      return saying({
        decision: decision(fields.permissionDecision),
        reason: textOf(fields.permissionDecisionReason),
        updatedInput: isFields(fields.modifiedArgs) ? fields.modifiedArgs : undefined,
      });
    case 'behavior':
      return saying({ decision: decision(fields.behavior), reason: textOf(fields.message) });
    case 'block':
      return saying(fields.decision === 'block' ? { decision: 'deny', reason: textOf(fields.reason) } : {});
    default:
      return {};
  }
}
