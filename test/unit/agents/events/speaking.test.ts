/** Which hook's own words the agent may be given. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { merge, soleSpeaker } from '../../../../supervisor/agents/events/merge.js';
import { render } from '../../../../supervisor/agents/events/render.js';
import { readHook } from '../../../../supervisor/agents/events/rules.js';
import type { Opinion, Outcome } from '../../../../supervisor/agents/events/verdicts.js';
import { EVENT_AGENTS } from '../../../../supervisor/contract/validating.js';
import { BEFORE_TOOL, end, eventOf, hookOpinion, opinion } from './samples.js';

const EVENT = eventOf('claude', 'PreToolUse');
const says = (verdict: object): Outcome => ({ kind: 'answered', verdict });
const SILENT = says({ others: { top: {}, specific: {} } });
const DENY = says({ decision: 'deny', reason: 'no' });
const BROKEN: Outcome = { kind: 'failed', cause: 'threw', message: 'exit status 1' };
const SKIPPED: Outcome = { kind: 'skipped', because: 'the verdict was plain without it' };

const sole = (...opinions: Opinion[]) => soleSpeaker(EVENT, opinions)?.name;
const hook = (name: string, outcome: Outcome) => hookOpinion(name, 9, outcome);
const validator = (outcome: Outcome) => opinion('v', 0, outcome);

describe('given as they are', () => {
  test.each([
    ['the only hook, silent', [hook('h', SILENT)]],
    ['the only hook, beside validators without a word', [validator(SILENT), hook('h', DENY)]],
    ['one of two, the other silent', [hook('g', SILENT), hook('h', says({ context: 'c' }))]],
    [
      'one with a field that no verdict has',
      [hook('g', SILENT), hook('h', says({ others: { top: { a: 1 }, specific: {} } }))],
    ],
    ['one that failed, which is nothing to the others', [validator(SILENT), hook('h', BROKEN)]],
    ['beside a validator whose failure is not to matter', [validator(BROKEN), hook('h', DENY)]],
    ['a deny beside validators that were not asked for it', [opinion('v', 0, SKIPPED, 'block'), hook('h', DENY)]],
  ])('%s', (_what, opinions) => {
    expect(sole(...opinions)).toBe('h');
  });
});

describe('not given as they are', () => {
  test.each([
    ['nobody is a hook', [validator(DENY)]],
    ['a validator has a context', [validator(says({ context: 'c' })), hook('h', DENY)]],
    ['two hooks speak', [hook('g', says({ context: 'c' })), hook('h', DENY)]],
    ['two hooks are silent: there is nothing to give', [hook('g', SILENT), hook('h', SILENT)]],
    ['another has failed, of which the user hears', [hook('g', BROKEN), hook('h', DENY)]],
    ['its failure denies', [hookOpinion('h', 9, BROKEN, 'block')]],
    ['a validator that failed denies', [opinion('v', 0, BROKEN, 'block'), hook('h', says({ context: 'c' }))]],
    [
      'one that was not asked denies, and it does not',
      [opinion('v', 0, SKIPPED, 'block'), hook('h', says({ context: 'c' }))],
    ],
    ['it was not asked', [hook('h', SKIPPED)]],
  ])('%s', (_what, opinions) => {
    expect(sole(...opinions)).toBeUndefined();
  });
});

const status = fc.constantFrom(0, 1, 2, 3, null);
const text = fc.constantFrom(
  ...['', 'words', '{"decision":"block","reason":"r"}', '{"continue":false,"stopReason":"s"}', '{"x":1}'],
  ...['{"permission":"deny"}', '{"permissionDecision":"ask"}', '{"systemMessage":"m"}', '{"permission":"allow"}'],
  ...['{"decision":"deny","reason":"r"}', '{"decision":"allow"}', '{"decision":"approve"}'],
  '{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"allow"}}',
);
/** Strictest first; silence approves nothing. */
const STRICTNESS = ['deny', 'defer', 'ask', undefined, 'allow'];
const strictness = (one: Outcome) => STRICTNESS.indexOf(one.kind === 'answered' ? one.verdict.decision : undefined);

test.each(EVENT_AGENTS)(
  '%s: a hook alone has its own words; merged, they decide the same or more strictly',
  (agent) => {
    const event = eventOf(agent, String(BEFORE_TOOL[agent].hook_event_name ?? 'preToolUse'));
    fc.assert(
      fc.property(status, text, fc.constantFrom('', 'e'), (exitCode, stdout, stderr) => {
        const own = readHook(event, end(exitCode, stdout, stderr));
        const one = hookOpinion('h', 0, own);
        expect(soleSpeaker(event, [one, opinion('v', 1, SILENT)])).toBe(one);
        const again = readHook(event, render(event, merge(event, [one])));
        expect(strictness(again)).toBeLessThanOrEqual(strictness(own));
      }),
    );
  },
);
