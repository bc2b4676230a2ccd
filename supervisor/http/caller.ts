/** The way back to whoever asked by HTTP: an answer has one body, so what the hook says is gathered. */
import type { HookEnd } from '../agents/http/answer.js';
import { LIMITS } from '../contract/limits.js';
import { type Gathered, GatheringCaller } from '../intake/gathering.js';

/** `ended`: by itself, with a status. */
export type HttpEnd = { kind: 'ended'; end: HookEnd } | { kind: 'failed'; what: string };

const BOUNDS = { stdoutMaxBytes: LIMITS.httpAnswerMaxBytes, stderrMaxBytes: LIMITS.httpStderrMaxBytes };

export class HttpCaller extends GatheringCaller {
  constructor(onEnd: (end: HttpEnd) => void, tell: (what: string) => void) {
    super(BOUNDS, (end) => onEnd(httpEnd(end)), tell);
  }
}

function httpEnd(end: Gathered): HttpEnd {
  if (end.kind === 'failed') return { kind: 'failed', what: end.what };
  const { exitCode, signal, stdout, stderr } = end;
  if (signal !== 0) return { kind: 'failed', what: `the hook died of signal ${signal}` };
  return { kind: 'ended', end: { exitCode, stdout, stderr } };
}
