import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readRecording } from '../../../supervisor/recording/read.js';
import { recordedCall } from '../../lib/recorded-call.js';

const folder = mkdtempSync(join(tmpdir(), 'hs-read-'));
afterAll(() => rmSync(folder, { recursive: true }));
const HEAD = JSON.stringify({ schema: 'supervisor.recording/v1', startedAtMs: 1, version: '1' });

function read(...lines: unknown[]) {
  const path = join(folder, 'r.jsonl');
  writeFileSync(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return readRecording(path);
}

test('its calls, and how many lines are none: a half one, and ones with other fields', () => {
  const call = recordedCall({ argv: ['x', { base64: '/w==' }] });
  const half = JSON.stringify(call).slice(0, 90);
  const wrong = [
    ...[{ argv: 'rm -rf /' }, { argv: [] }, { argv: [1] }, { cwd: 7 }, { timeoutMs: '1' }, { isMerged: 'no' }],
    ...[{ stdin: {} }, { outcome: 'fine' }, { levelAsked: 'none' }, { envNames: [1] }, { projects: { A: 0.5 } }],
  ].map((fields) => ({ ...call, ...fields }));
  expect(read(HEAD, call, '', 'null', ...wrong, half)).toEqual({
    ...{ ok: true, calls: [call], damagedLines: wrong.length + 2 },
  });
});

test('what is no recording is told: another file, no file, a folder', () => {
  expect(read('{"schema":"other"}')).toMatchObject({ ok: false, what: 'is no recording' });
  expect(read('')).toMatchObject({ ok: false, what: 'is no recording' });
  expect(readRecording(join(folder, 'none'))).toMatchObject({ ok: false, what: 'cannot be read (ENOENT)' });
  expect(readRecording(folder)).toMatchObject({ ok: false, what: 'is no file' });
});
