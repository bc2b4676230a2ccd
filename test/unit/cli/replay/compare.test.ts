import { expect, test } from 'vitest';
import { differences } from '../../../../supervisor/cli/replay/compare.js';
import { LIMITS } from '../../../../supervisor/contract/limits.js';
import type { Beginning } from '../../../../supervisor/recording/beginning.js';
import { recordedCall, streamOf } from '../../../lib/recorded-call.js';

const beginning = (text: string, totalBytes = text.length): Beginning => ({ bytes: Buffer.from(text), totalBytes });
const answer = (stdout: string, stderr = '', exitCode = 0, signal = 0) => ({
  ...{ exitCode, signal, stdout: beginning(stdout), stderr: beginning(stderr) },
});

test('the same answer: nothing', () => {
  expect(differences(recordedCall(), answer('out\n'))).toEqual([]);
});

test('exit code, signal and each stream are told apart, with the first line that is not the same', () => {
  const then = recordedCall({ stdout: streamOf('a\nb\nc\n'), stderr: streamOf('e') });
  expect(differences(then, answer('a\nX\nc\n', '', 2))).toEqual([
    { what: 'exit', recorded: 'exit code 0', now: 'exit code 2' },
    { what: 'stdout', recorded: 'line 2: b', now: 'line 2: X' },
    { what: 'stderr', recorded: 'line 1: e', now: 'line 1: ' },
  ]);
  expect(differences(recordedCall({ signal: 9 }), answer('out\n'))).toEqual([
    { what: 'exit', recorded: 'signal 9', now: 'exit code 0' },
  ]);
  expect(differences(recordedCall(), answer('out\nmore'))).toMatchObject([
    { recorded: 'line 2: ', now: 'line 2: more' },
  ]);
  expect(differences(recordedCall(), answer('out'))).toMatchObject([{ recorded: 'line 2: ', now: 'ends' }]);
});

test('a secret in the new answer is masked before it is compared', () => {
  const then = recordedCall({ stdout: streamOf('password=[masked named]\n', { bytes: 20, masked: 1 }) });
  expect(differences(then, answer('password=longer-than-it-was\n'))).toEqual([]);
  expect(differences(then, answer('passwort=x\n'))).toHaveLength(1);
});

test('of a stream that is kept in part the whole length counts, too', () => {
  const max = LIMITS.recordingOutputMaxBytes;
  const then = recordedCall({ stdout: streamOf('x'.repeat(max), { bytes: max + 9, isCut: true }) });
  const now = (totalBytes: number) => ({ ...answer(''), stdout: beginning('x'.repeat(max), totalBytes) });
  expect(differences(then, now(max + 9))).toEqual([]);
  expect(differences(then, now(max + 8))).toEqual([
    { what: 'stdout', recorded: `${max + 9} bytes`, now: `${max + 8} bytes` },
  ]);
});
