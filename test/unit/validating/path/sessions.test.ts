import { expect, test } from 'vitest';
import { LIMITS } from '../../../../supervisor/contract/limits.js';
import { Sessions } from '../../../../supervisor/validating/path/sessions.js';
import { toolEvent } from '../../../lib/validators.js';

const of = (sessionId: string) => ({ ...toolEvent('Bash', {}), sessionId });

test('events are counted, decisions remembered, each session and agent for itself', () => {
  const sessions = new Sessions();
  sessions.ended(of('a'), 'deny');
  sessions.ended(of('a'), undefined);
  sessions.ended(of('b'), 'allow');
  const deny = { event: 'PreToolUse', tool: 'Bash', decision: 'deny' };
  expect(sessions.of(of('a'))).toEqual({ events: 2, decisions: [deny] });
  expect(sessions.of(of('b'))).toEqual({ events: 1, decisions: [{ ...deny, decision: 'allow' }] });
  expect(sessions.of({ agent: 'codex', sessionId: 'a' })).toEqual({ events: 0, decisions: [] });
});

test('the last decisions stay, and the sessions that were heard of last', () => {
  const sessions = new Sessions();
  for (let n = 0; n < LIMITS.sessionDecisionsMax; n++) sessions.ended(of('a'), 'allow');
  sessions.ended(of('a'), 'ask');
  const { events, decisions } = sessions.of(of('a'));
  expect(events).toBe(LIMITS.sessionDecisionsMax + 1);
  expect(decisions.map(({ decision }) => decision)).toEqual([
    ...Array(LIMITS.sessionDecisionsMax - 1).fill('allow'),
    'ask',
  ]);
  sessions.ended(of('b'), undefined);
  sessions.ended(of('a'), undefined);
  for (let n = 0; n < LIMITS.sessionsKnownMax - 1; n++) sessions.ended(of(`s${n}`), undefined);
  expect(sessions.of(of('b')).events).toBe(0);
  expect(sessions.of(of('a')).events).toBe(LIMITS.sessionDecisionsMax + 2);
});

test('events without a session are nobody’s', () => {
  const sessions = new Sessions();
  sessions.ended(of(''), 'deny');
  expect(sessions.of(of(''))).toEqual({ events: 0, decisions: [] });
});
