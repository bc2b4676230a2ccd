/** Which of a keeper's records tell of a death that counts, and of what. A failed start may be told twice, by the step that
 *  failed and by the end of its process: it counts once, by what says more. */
import type { Runtime } from '../contract/call.js';
import { STAGE_LEAF_LIMIT, STAGE_READY, STAGE_ZYGOTE_EXEC, STAGE_ZYGOTE_READY } from '../contract/stage.js';
import { KICKED } from '../contract/status.js';
import { causeOfFailure, causeOfStatus, causeWhileParked } from './causes.js';
import type { SetupFailure } from './report.js';

/** The worker's own word that no start of this interpreter will do. */
const UNSUITABLE_STATUS = 78;
const WORDS_MAX = 160;

export interface Death {
  cause: string;
  /** Trying on would only burn time. */
  isHopeless: boolean;
  /** Not one more failure in a row: it went together with others that have been told, or the operator has ended it. */
  isOnlyCounted?: boolean;
}

const OF_OPERATOR: Death = { cause: KICKED, isHopeless: false, isOnlyCounted: true };

export class Deaths {
  /** Generation of the process whose failed step has been counted. */
  private countedOf: number | undefined;
  private oomKills = 0;
  /** Slots in which a process was parked after the last one that died there. */
  private readonly parkedSince = new Set<number>();
  /** Generations of processes that the operator has ended and that are not yet told as gone, by their slots. */
  private readonly kicked = new Map<number, number>();
  /** `ending` until its end is told, `ended` until another one serves. */
  private kickedZygote: 'ending' | 'ended' | undefined;

  /** @param countOomKills how many processes of this pool the kernel has ended for their memory, so far. */
  constructor(
    private readonly runtime: Runtime,
    private readonly countOomKills: () => number,
    /** What a failing start has said last; '' for nothing. */
    public words = '',
  ) {}

  /** A step of a start has failed. */
  ofStep(failure: SetupFailure, generation: number): Death | undefined {
    this.words = tellingLine(failure.subject);
    const { stage, errnum } = failure;
    if (stage === STAGE_LEAF_LIMIT) return undefined; // it runs, without that limit
    const isOfZygote = stage === STAGE_ZYGOTE_EXEC || stage === STAGE_ZYGOTE_READY;
    if (this.kickedZygote !== undefined && !isOfZygote) return undefined; // it was to come from the one that is gone
    // Of an interpreter that just ended its status says more, and is about to be told.
    if (this.runtime === 'node' && stage === STAGE_READY && errnum === 0) return undefined;
    this.countedOf = this.runtime === 'node' || isOfZygote ? generation : undefined;
    return { cause: causeOfFailure(failure), isHopeless: false };
  }

  /** A zygote has ended, or a Node that was to be parked.
   *  @param status as waitpid gives it; -1: none has. */
  ofInterpreter(status: number, generation: number): Death | undefined {
    const isCounted = this.countedOf !== undefined && (this.runtime !== 'node' || this.countedOf === generation);
    this.countedOf = undefined;
    const { kickedZygote } = this;
    if (kickedZygote !== undefined) this.kickedZygote = kickedZygote === 'ending' ? 'ended' : undefined;
    if (kickedZygote === 'ending') return OF_OPERATOR;
    if (status === -1 || isCounted) return undefined;
    return { cause: causeOfStatus(status, this.outOfMemory()), isHopeless: status === UNSUITABLE_STATUS << 8 };
  }

  /** Somebody kills all that is parked, or memory runs out once: that is one event. Only a process that was parked after the
   *  last death shows that a new one fares no better.
   *  @param status -1: it was one too many, and is ended by the keeper. */
  whileParked(slot: number, generation: number, status: number): Death | undefined {
    const isKicked = this.kicked.get(slot) === generation;
    if (isKicked) this.kicked.delete(slot);
    if (status === -1) return undefined;
    if (isKicked) return OF_OPERATOR;
    const isOnlyCounted = !this.parkedSince.has(slot);
    if (!isOnlyCounted) this.parkedSince.clear();
    return { cause: causeWhileParked(status, this.outOfMemory()), isHopeless: false, isOnlyCounted };
  }

  /** The operator ends a parked process. */
  willEnd(slot: number, generation: number): void {
    this.kicked.set(slot, generation);
  }

  zygoteWillEnd(): void {
    this.kickedZygote = 'ending';
  }

  /** Whether the kernel has ended something of the pool for its memory since this was asked last. */
  outOfMemory(): boolean {
    const before = this.oomKills;
    this.oomKills = this.countOomKills();
    return this.oomKills > before;
  }

  /** With a new keeper, whose group counts anew. */
  begin(): void {
    this.oomKills = this.countOomKills();
    this.kicked.clear();
    this.kickedZygote = undefined;
  }

  parked(slot: number): void {
    this.parkedSince.add(slot);
    this.words = '';
    this.countedOf = undefined;
  }
}

/** Of an uncaught error the message, not the place; one line, since it stands in `status`. */
function tellingLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const line =
    lines.find((one) => /^([A-Z]\w*)?Error\b|^cannot park/.test(one)) ?? lines.find((one) => one !== '') ?? '';
  return line.slice(0, WORDS_MAX);
}
