/** What validators that are asked after the answer have said, until an event of the same session comes that can tell it. In memory, and
 *  bounded: of more the oldest words go, and with them nothing that anybody relies on. */
import type { Clock } from '../../contract/clock.js';
import { LIMITS } from '../../contract/limits.js';
import type { AgentEvent } from '../../contract/validating.js';

type Of = Pick<AgentEvent, 'agent' | 'sessionId'>;

interface Word {
  text: string;
  untilMs: number;
}

export class LaterWords {
  private readonly bySession = new Map<string, Word[]>();

  constructor(private readonly clock: Clock) {}

  add(event: Of, text: string): void {
    if (event.sessionId === '' || text === '') return;
    const key = keyOf(event);
    const word = { text: text.slice(0, LIMITS.laterWordsMaxCharacters), untilMs: this.untilMs() };
    const words = [...(this.bySession.get(key) ?? []), word].slice(-LIMITS.laterWordsPerSessionMax);
    while (words.reduce((sum, one) => sum + one.text.length, 0) > LIMITS.laterWordsMaxCharacters) words.shift();
    this.bySession.delete(key);
    this.bySession.set(key, words);
    const oldest = this.bySession.keys().next().value;
    if (this.bySession.size > LIMITS.laterWordsSessionsMax && oldest !== undefined) this.bySession.delete(oldest);
  }

  /** Each once. */
  take(event: Of): string[] {
    if (this.bySession.size === 0) return [];
    const key = keyOf(event);
    const words = this.bySession.get(key) ?? [];
    this.bySession.delete(key);
    const nowMs = this.clock.nowMs();
    return words.flatMap(({ text, untilMs }) => (nowMs < untilMs ? [text] : []));
  }

  private untilMs(): number {
    return this.clock.nowMs() + LIMITS.laterWordsAgeMaxMs;
  }
}

function keyOf({ agent, sessionId }: Of): string {
  return `${agent} ${sessionId}`;
}
