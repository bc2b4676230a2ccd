/** What is known of programs of the system once they have shown it. A proof goes on beside the calls; until it is done
 *  nothing is known, and calls take the way that needs no knowledge. */

const TRIES_MAX = 3;

export class Proofs<Known> {
  private readonly known = new Map<string, Known | undefined>();
  private readonly tries = new Map<string, number>();
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly knownMax: number,
    /** Something is known that was not when earlier plans were made. */
    private readonly onProved: () => void,
    /** Takes what starts a proof, see questions.ts. */
    private readonly put: (find: () => void) => void,
  ) {}

  /** @param prove gives 'unproved' where it was stopped before it could tell: the next call tries again, a few times. */
  ask(key: string, prove: () => Promise<Known | 'unproved'>): Known | undefined {
    if (!this.known.has(key)) this.put(() => this.start(key, prove));
    return this.known.get(key);
  }

  private start(key: string, prove: () => Promise<Known | 'unproved'>): void {
    if (this.known.has(key) || this.known.size >= this.knownMax) return;
    this.known.set(key, undefined);
    const count = (this.tries.get(key) ?? 0) + 1;
    this.tries.set(key, count);
    const proof = prove().then((known) => {
      this.underWay.delete(proof);
      if (known !== 'unproved') {
        this.known.set(key, known);
        this.tries.delete(key);
      } else if (count < TRIES_MAX) this.known.delete(key);
      this.onProved();
    });
    this.underWay.add(proof);
  }

  /** Settles when those under way are done. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }
}
