import { expect, test } from 'vitest';
import { PROFILE_CHOICES } from '../../../supervisor/contract/profiles.js';
import { answerTo, type ControlHandlers } from '../../../supervisor/control/answer.js';
import { parseRequest } from '../../../supervisor/control/request.js';

const parsed = (words: object) => parseRequest(Buffer.from(JSON.stringify({ verb: 'setProfile', ...words })));

test.each(PROFILE_CHOICES)('%s is asked for, and answered with what became of it', async (profile) => {
  const request = parsed({ profile });
  if (!request.ok) throw new Error('refused');
  const setProfile: ControlHandlers['setProfile'] = async (asked) => ({ ok: false, notTaken: asked });
  const answer = answerTo(request.request, { setProfile } as ControlHandlers, 7);
  expect(answer.kind === 'later' && (await answer.reply)).toEqual({
    ...{ ok: true, pid: 7, reloaded: { ok: false, notTaken: profile } },
  });
});

test.each([{}, { profile: 'fast' }, { profile: 3 }, { profile: ['latency'] }])('%o is refused', (words) => {
  expect(parsed(words)).toMatchObject({ ok: false, error: { code: 'badRequest' } });
});
