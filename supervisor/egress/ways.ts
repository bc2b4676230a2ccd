/** Where a request may go, and what is said where it may not. */
import type { Refusal } from './answer.js';
import { type JudgeOptions, judge, type Target } from './judge.js';

export interface WaysOptions extends JudgeOptions {
  passed(): void;
  refused(target: string, why: string): void;
}

export type Way = { kind: 'way'; target: Target; addresses: readonly string[] } | ({ kind: 'refusal' } & Refusal);

export type FindWay = (target: Target | undefined) => Promise<Way>;

export const MALFORMED: Refusal = {
  status: 400,
  text: 'this is a proxy: CONNECT HOST:PORT, or METHOD http://HOST/...',
};

export function wayFinder(options: WaysOptions): FindWay {
  return async (target) => {
    if (target === undefined) return { kind: 'refusal', ...MALFORMED };
    const judged = await judge(target, options);
    if (judged.kind === 'pass') {
      options.passed();
      return { kind: 'way', target, addresses: judged.addresses };
    }
    const text = `${nameOf(target)}: ${judged.why}`;
    if (judged.kind === 'unknown') return { kind: 'refusal', status: 502, text };
    options.refused(nameOf(target), judged.why);
    return { kind: 'refusal', status: 403, text };
  };
}

export function unreachable(target: Target, error: Error): Refusal {
  return { status: 502, text: `${nameOf(target)}: ${error.message || 'no connection'}` };
}

function nameOf({ host, port }: Target): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
