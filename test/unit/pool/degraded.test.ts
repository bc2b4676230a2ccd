/** What `status` says of limits that are not there. */
import { expect, test } from 'vitest';
import { STAGE_TEXT } from '../../../supervisor/contract/stage.js';
import { lostLimit } from '../../../supervisor/pool/degraded.js';

const stageOf = (text: string) => Number(Object.keys(STAGE_TEXT).find((stage) => STAGE_TEXT[Number(stage)] === text));

test('a limit that could not be written is named with its errno', () => {
  const failure = { stage: stageOf('writing a limit of the cgroup leaf'), errnum: 2, subject: 'cpu.max.burst' };
  expect(lostLimit(failure)).toMatchObject({
    layer: 'limit cpu.max.burst',
    reason: expect.stringContaining('errno 2'),
  });
});

test('any other failed step is no limit', () => {
  expect(lostLimit({ stage: stageOf('forking'), errnum: 11, subject: '' })).toBeUndefined();
});
