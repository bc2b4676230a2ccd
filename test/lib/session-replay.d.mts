import type { Question } from '../../supervisor/cache/key.js';
import type { Verdict } from '../../supervisor/contract/validating.js';

export interface ReplayedQuestion extends Omit<Question, 'code'> {
  compute(): Promise<Verdict>;
}

export function replaySession(how: {
  ask(question: ReplayedQuestion): Promise<Verdict>;
  folder: string;
  events?: number;
  seed?: number;
}): Promise<{ asked: number; computed: number; stale: object[] }>;
