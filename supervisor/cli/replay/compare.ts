/** What a call answered then and now. Pure. */
import { LIMITS } from '../../contract/limits.js';
import type { KeptStream, RecordedCall } from '../../contract/recording.js';
import type { Beginning } from '../../recording/beginning.js';
import { bytesOfKept, keptStream } from '../../recording/line.js';

export interface Difference {
  what: 'exit' | 'stdout' | 'stderr';
  recorded: string;
  now: string;
}

export interface Answer {
  exitCode: number;
  signal: number;
  stdout: Beginning;
  stderr: Beginning;
}

const SHOWN_MAX_CHARACTERS = 160;

export function differences(call: RecordedCall, now: Answer): Difference[] {
  const [then, ended] = [endText(call), endText(now)];
  return [
    ...(then === ended ? [] : [{ what: 'exit' as const, recorded: then, now: ended }]),
    ...streamDifference('stdout', call.stdout, now.stdout),
    ...streamDifference('stderr', call.stderr, now.stderr),
  ];
}

function endText({ exitCode, signal }: Pick<Answer, 'exitCode' | 'signal'>): string {
  return signal === 0 ? `exit code ${exitCode}` : `signal ${signal}`;
}

/** The new one is masked as the old one was. Where secrets were, lengths may differ. */
function streamDifference(what: 'stdout' | 'stderr', then: KeptStream, given: Beginning): Difference[] {
  const now = keptStream(given, LIMITS.recordingOutputMaxBytes);
  const [before, after] = [bytesOfKept(then.content), bytesOfKept(now.content)];
  if (!before.equals(after)) return [{ what, ...firstLines(before.toString(), after.toString()) }];
  if (then.bytes === now.bytes || then.masked > 0) return [];
  return [{ what, recorded: `${then.bytes} bytes`, now: `${now.bytes} bytes` }];
}

/** The first line that is not the same. */
function firstLines(then: string, now: string): { recorded: string; now: string } {
  const [thenLines, nowLines] = [then.split('\n'), now.split('\n')];
  const at = thenLines.findIndex((line, index) => line !== nowLines[index]);
  const index = at === -1 ? thenLines.length : at;
  const shown = (lines: string[]) => {
    const line = lines[index];
    return line === undefined ? 'ends' : `line ${index + 1}: ${line.slice(0, SHOWN_MAX_CHARACTERS)}`;
  };
  return { recorded: shown(thenLines), now: shown(nowLines) };
}
