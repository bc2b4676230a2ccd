/** What Claude Code is told. */
import type { Fields } from '../../json/fields.js';
import { commonTop, exitTwo, jsonAnswer, withSpecific } from '../answers.js';
import type { Answer, Said } from '../verdicts.js';
import { claudeEvent } from './events.js';
import type { Named } from './read.js';

export function write(event: Named, said: Said): Answer {
  const { decision, reason, context, updatedInput, others } = said;
  const top = commonTop(said);
  const specific = { ...others.specific, ...(context === '' ? {} : { additionalContext: context }) };
  const answer = (moreAtTop: Fields, more: Fields) =>
    jsonAnswer(withSpecific(event.name, { ...top, ...moreAtTop }, { ...specific, ...more }));
  if (event.name === 'PermissionRequest') return permissionRequest(event, said, top);
  switch (claudeEvent(event.name)?.block) {
    case 'permission':
      return answer({}, { ...permission(decision, reason), ...(updatedInput === undefined ? {} : { updatedInput }) });
    case 'decision':
      return answer(decision === 'deny' ? { decision: 'block', reason } : {}, {});
    case 'decline':
      if (decision !== 'deny') return answer({}, {});
      return jsonAnswer(
        withSpecific(event.name, top, { action: others.specific.action === 'cancel' ? 'cancel' : 'decline' }),
      );
    case 'exit':
    case undefined:
      if (event.name === 'WorktreeCreate') return decision === 'deny' ? exitTwo(reason) : worktree(others.specific);
      // JSON counts with any exit status.
      return decision === 'deny' ? { ...exitTwo(reason), stdout: answer({}, {}).stdout } : answer({}, {});
    default:
      return answer({}, {});
  }
}

function permission(decision: Said['decision'], reason: string): Fields {
  if (decision === undefined) return {};
  return { permissionDecision: decision, ...(reason === '' ? {} : { permissionDecisionReason: reason }) };
}

function permissionRequest(event: Named, { decision, reason, updatedInput, others }: Said, top: Fields): Answer {
  if (decision === undefined) return jsonAnswer(top);
  const how =
    decision === 'deny'
      ? { behavior: 'deny', message: reason }
      : { behavior: 'allow', ...(updatedInput === undefined ? {} : { updatedInput }) };
  return jsonAnswer(withSpecific(event.name, top, { decision: { ...others.specific, ...how } }));
}

/** Its answer is a line of text, the path that a hook has told. */
function worktree({ worktreePath }: Fields): Answer {
  const { exitCode, stderr } = jsonAnswer({});
  return { exitCode, stderr, stdout: Buffer.from(typeof worktreePath === 'string' ? `${worktreePath}\n` : '') };
}
