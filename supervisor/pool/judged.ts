/** What comes from a keeper, as far as its judge lets it pass. */
import { RecordKind } from '../contract/wire.js';
import type { Link, LinkEvents } from '../ring/link.js';
import type { AnsweredUntold } from './lease.js';
import type { RecordJudge } from './record-judge.js';
import { decodeTaskEnd } from './report.js';
import type { TaskFlow } from './task-flow.js';

export interface JudgedEvents {
  record(kind: number, callId: number, slot: number, generation: number, payload: Buffer): void;
  answered(slot: number, generation: number, call: Omit<AnsweredUntold, 'pid'>): void;
  closed: LinkEvents['closed'];
}

export function judged(
  link: Pick<Link, 'distrust'>,
  judge: RecordJudge,
  flowOf: (callId: number) => TaskFlow | undefined,
  events: JudgedEvents,
): LinkEvents {
  return {
    record(kind, _flags, callId, slot, generation, payload) {
      const fault = judge.faultOf(kind, slot, payload, flowOf(callId));
      if (fault === undefined) events.record(kind, callId, slot, generation, payload);
      else link.distrust(fault);
    },
    answered(token, slot, generation, tookMs, agoMs, payload) {
      const fault = judge.faultOf(RecordKind.END, slot, payload, undefined);
      const end = decodeTaskEnd(payload);
      if (fault === undefined && end !== undefined) events.answered(slot, generation, { token, tookMs, agoMs, end });
      else link.distrust(fault ?? 'an end that cannot be read');
    },
    closed: events.closed,
  };
}
