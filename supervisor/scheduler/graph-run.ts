/** One event on its way through the graph of validators: who may start, and who is skipped since one that it depends on has
 *  failed. A skipped validator has allowed nothing: what its silence is to the agent its `onFailure` says. Pure. */
import type { ValidatorOutcome } from '../contract/validating.js';
import type { Graph } from './graph.js';

export interface Skipped {
  name: string;
  outcome: Extract<ValidatorOutcome, { kind: 'skipped' }>;
}

/** Each validator is told once, in one of the two. */
export interface Step {
  ready: readonly string[];
  skipped: readonly Skipped[];
}

export class GraphRun {
  /** What each of them still waits for. */
  private readonly waiting = new Map<string, Set<string>>();
  private readonly dependents = new Map<string, string[]>();
  /** Those that may start at once. */
  readonly first: readonly string[];

  /** @param asked those that are asked about this event. One that is not holds up nobody. */
  constructor(graph: Graph, asked: readonly string[]) {
    const isAsked = new Set(asked);
    for (const name of isAsked) {
      const waitsFor = (graph.get(name) ?? []).filter((other) => isAsked.has(other));
      this.waiting.set(name, new Set(waitsFor));
      for (const other of waitsFor) this.dependents.set(other, [...(this.dependents.get(other) ?? []), name]);
    }
    this.first = [...this.waiting].filter(([, waitsFor]) => waitsFor.size === 0).map(([name]) => name);
    for (const name of this.first) this.waiting.delete(name);
  }

  /** What follows from the outcome of one that was ready. */
  ended(name: string, outcome: ValidatorOutcome): Step {
    const ready: string[] = [];
    const skipped: Skipped[] = [];
    if (outcome.kind === 'answered') {
      for (const dependent of this.dependents.get(name) ?? []) {
        const waitsFor = this.waiting.get(dependent);
        if (!waitsFor?.delete(name) || waitsFor.size > 0) continue;
        this.waiting.delete(dependent);
        ready.push(dependent);
      }
    } else {
      const because = `it depends on ${name}, which ${wordsOf(outcome)}`;
      for (const dependent of this.allBehind(name)) {
        if (this.waiting.delete(dependent)) skipped.push({ name: dependent, outcome: { kind: 'skipped', because } });
      }
    }
    return { ready, skipped };
  }

  /** Also those that wait for one that waits for it. */
  private allBehind(name: string): Set<string> {
    const behind = new Set<string>(this.dependents.get(name));
    for (const one of behind) for (const next of this.dependents.get(one) ?? []) behind.add(next);
    return behind;
  }
}

function wordsOf(outcome: Exclude<ValidatorOutcome, { kind: 'answered' }>): string {
  return outcome.kind === 'skipped'
    ? `was skipped: ${outcome.because}`
    : `failed (${outcome.cause}): ${outcome.message}`;
}
