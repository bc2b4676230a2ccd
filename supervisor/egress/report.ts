/** What a proxy tells the daemon, one line of JSON each time: counts, and the latest refusals in words. The proxy reads what
 *  hooks write, so the daemon believes nothing of a line but numbers and short plain texts. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';

export interface EgressCounts {
  passed: number;
  refused: number;
}

export interface EgressRefusal {
  target: string;
  why: string;
}

export interface EgressReport extends EgressCounts {
  refusals: EgressRefusal[];
}

const TEXT_MAX_CHARACTERS = 300;

export class Reporter {
  private readonly report: EgressReport = { passed: 0, refused: 0, refusals: [] };
  private toldAtMs = Number.NEGATIVE_INFINITY;
  private isDue = false;

  constructor(
    private readonly clock: Clock,
    private readonly write: (line: string) => void,
  ) {}

  passed(): void {
    this.report.passed++;
    this.changed();
  }

  refused(target: string, why: string): void {
    this.report.refused++;
    if (this.report.refusals.length < LIMITS.egressRefusalsToldMax) this.report.refusals.push({ target, why });
    this.changed();
  }

  private changed(): void {
    if (this.isDue) return;
    this.isDue = true;
    const waitMs = this.toldAtMs + LIMITS.egressTellEveryMs - this.clock.nowMs();
    this.clock.after(Math.max(0, waitMs), () => {
      this.isDue = false;
      this.toldAtMs = this.clock.nowMs();
      this.write(`${JSON.stringify(this.report)}\n`);
      this.report.refusals = [];
    });
  }
}

/** Undefined: not what a Reporter writes. */
export function parseReport(line: string): EgressReport | undefined {
  let value: Partial<Record<keyof EgressReport, unknown>>;
  try {
    value = Object(JSON.parse(line));
  } catch {
    return undefined;
  }
  const { passed, refused, refusals } = value;
  if (!isCount(passed) || !isCount(refused) || !Array.isArray(refusals)) return undefined;
  if (refusals.length > LIMITS.egressRefusalsToldMax) return undefined;
  const told = refusals.map((one) => ({ target: plainText(one?.target), why: plainText(one?.why) }));
  return { passed, refused, refusals: told };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function plainText(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, TEXT_MAX_CHARACTERS).replace(/[^ -~]/g, '?') : '';
}
