import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Context, packageFiles } from '../../../../supervisor/cli/context.js';
import { replay } from '../../../../supervisor/cli/replay.js';
import { recordedCall, streamOf } from '../../../lib/recorded-call.js';

const folder = mkdtempSync(join(tmpdir(), 'hs-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'r.jsonl');
const ran = join(folder, 'ran');
let said = '';
const context: Context = {
  ...{ env: { PATH: process.env.PATH }, uid: 0, cwd: () => folder, out() {}, errIsTerminal: false },
  err: (text) => {
    said += text;
  },
  screen: { width: 80, height: 24, isTerminal: false, isColoured: false },
  ticks: async function* () {},
  stopSignal: () => new AbortController().signal,
  files: packageFiles(),
};
const lines = [
  { schema: 'supervisor.recording/v1', startedAtMs: 1, version: '1' },
  recordedCall({ argv: ['touch', ran], cwd: folder, stdout: streamOf(''), envNames: ['GONE'] }),
];
writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'));

test('it asks, with how many would run; no: nothing is run, 0; yes: it is', async () => {
  const asked: string[] = [];
  const answering = (answer: boolean) => (question: string) => {
    asked.push(question);
    return Promise.resolve(answer);
  };
  const options = { against: 'direct', jobs: 1 } as const;
  expect(await replay(context, file, options, answering(false))).toBe(0);
  expect([asked.length, existsSync(ran)]).toEqual([1, false]);
  expect(asked[0]).toMatch(/Run 1 hooks? again, really/);
  expect(said).toContain('these are not set: GONE');
  expect(said).toContain('nothing was sent');
  expect(await replay(context, file, options, answering(true))).toBe(0);
  expect(existsSync(ran)).toBe(true);
});
