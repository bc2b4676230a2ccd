/** What a run passes, stage after stage, as rows. The parts of a stage go side by side, each with a time of its own; one that is late,
 *  fails, or of which too many are under way falls back, is left out where its stage is optional, or ends the run. A part that
 *  comes late changes nothing any more. Nothing is done, and no timer set, for a part that is not wanted or answers at once. */
import type { Clock } from '../contract/clock.js';
import type { StageCounts, StageTrouble } from '../contract/stages.js';

/** What a part has found out, to be written into the run if it comes in time. */
export type Taken = (() => void) | undefined;

export interface Part<Run> {
  name: string;
  isWanted(run: Run): boolean;
  run(run: Run): Taken | Promise<Taken>;
  timeoutMs: number;
  /** Under way at a time, late ones too: those that hang must not become ever more. */
  atOnceMax: number;
  /** In place of what it did not find out. */
  fallback?(run: Run, trouble: StageTrouble): void;
}

export interface Stage<Run> {
  name: string;
  parts: readonly Part<Run>[];
  /** The run goes on without it. */
  isOptional: boolean;
  /** Also of a run that has failed. */
  isAlways: boolean;
  /** Begun once whoever waits for the run has been told its end, which it cannot change. Of the last stages only, and of such
   *  as have no fallback. */
  isAfterwards: boolean;
}

export interface Failure {
  /** Stage and part. */
  part: string;
  trouble: StageTrouble;
  error?: Error;
}

export type Ended = { kind: 'done' } | { kind: 'full' } | ({ kind: 'failed' } & Failure);

export interface PipelineRooms {
  clock: Clock;
  /** Runs at a time; more are refused. */
  runsMax: number;
  /** Calls back once all that follows from what is known now is done. */
  soon(callback: () => void): void;
  /** Of each part that was late or failed, whether it fell back or not. */
  troubled(failure: Failure): void;
}

const DONE: Ended = { kind: 'done' };
const FULL: Ended = { kind: 'full' };

interface Row<Run> {
  stage: Stage<Run>;
  lanes: readonly Lane<Run>[];
}

export class Pipeline<Run> {
  private readonly rows: readonly Row<Run>[];
  private readonly afterwards: readonly Row<Run>[];
  private running = 0;

  constructor(
    stages: readonly Stage<Run>[],
    private readonly rooms: PipelineRooms,
  ) {
    const all = stages.map((stage) => ({
      stage,
      lanes: stage.parts.map((part) => new Lane(`${stage.name} ${part.name}`, part, rooms)),
    }));
    this.rows = all.filter(({ stage }) => !stage.isAfterwards);
    this.afterwards = all.filter(({ stage }) => stage.isAfterwards);
  }

  /** Ends after the times of its stages together at the latest; rejects only where a fallback throws. */
  async run(run: Run): Promise<Ended> {
    if (this.running >= this.rooms.runsMax) return FULL;
    this.running++;
    let hasFailed = true;
    try {
      const failure = await this.through(this.rows, run, false);
      hasFailed = failure !== undefined;
      return failure === undefined ? DONE : { kind: 'failed', ...failure };
    } finally {
      this.running--;
      this.rooms.soon(() => void this.through(this.afterwards, run, hasFailed));
    }
  }

  counts(): StageCounts[] {
    return [...this.rows, ...this.afterwards].flatMap(({ lanes }) => lanes.map(({ counts }) => ({ ...counts })));
  }

  private async through(rows: readonly Row<Run>[], run: Run, hasFailed: boolean): Promise<Failed> {
    let failure: Failed;
    for (const { stage, lanes } of rows) {
      if ((hasFailed || failure !== undefined) && !stage.isAlways) continue;
      const begun = sideBySide(lanes, run);
      const failed = begun instanceof Promise ? await begun : begun;
      if (!stage.isOptional) failure ??= failed;
    }
    return failure;
  }
}

type Failed = Failure | undefined;

/** @returns the first failure, in declared order. */
function sideBySide<Run>(lanes: readonly Lane<Run>[], run: Run): Failed | Promise<Failed> {
  let failure: Failed;
  let waiting: (Failed | Promise<Failed>)[] | undefined;
  for (const lane of lanes) {
    if (!lane.part.isWanted(run)) continue;
    const begun = lane.begin(run);
    if (begun instanceof Promise) waiting ??= [failure];
    else failure ??= begun;
    waiting?.push(begun);
  }
  return waiting === undefined ? failure : Promise.all(waiting).then((all) => all.find((one) => one !== undefined));
}

interface Waiter {
  dueMs: number;
  late(): void;
}

/** One part, with all runs that are in it. */
class Lane<Run> {
  readonly counts: StageCounts;
  /** In the order in which they came, which is that of their deadlines: all have the same time. */
  private readonly waiting = new Set<Waiter>();
  private underWay = 0;
  private isTimerSet = false;

  constructor(
    private readonly name: string,
    readonly part: Part<Run>,
    private readonly rooms: PipelineRooms,
  ) {
    this.counts = { name, runs: 0, late: 0, failed: 0, busy: 0, fellBack: 0 };
  }

  begin(run: Run): Failed | Promise<Failed> {
    this.counts.runs++;
    if (this.underWay >= this.part.atOnceMax) return this.trouble(run, 'busy');
    let begun: Taken | Promise<Taken>;
    try {
      begun = this.part.run(run);
    } catch (error) {
      return this.trouble(run, 'failed', error as Error);
    }
    if (begun instanceof Promise) return this.wait(run, begun);
    begun?.();
    return undefined;
  }

  private wait(run: Run, begun: Promise<Taken>): Promise<Failed> {
    this.underWay++;
    return new Promise((resolve, reject) => {
      const end = (how: () => Failed) => {
        if (!this.waiting.delete(waiter)) return;
        try {
          resolve(how());
        } catch (error) {
          reject(error);
        }
      };
      const waiter: Waiter = {
        dueMs: this.rooms.clock.nowMs() + this.part.timeoutMs,
        late: () => end(() => this.trouble(run, 'late')),
      };
      this.waiting.add(waiter);
      this.setTimer(waiter);
      begun.then(
        (taken) => {
          this.underWay--;
          end(() => void taken?.());
        },
        (error: Error) => {
          this.underWay--;
          end(() => this.trouble(run, 'failed', error));
        },
      );
    });
  }

  private trouble(run: Run, trouble: StageTrouble, error?: Error): Failed {
    this.counts[trouble]++;
    const failure = { part: this.name, trouble, ...(error === undefined ? {} : { error }) };
    this.rooms.troubled(failure);
    if (this.part.fallback === undefined) return failure;
    this.counts.fellBack++;
    this.part.fallback(run, trouble);
    return undefined;
  }

  /** One for all of them: it is left as it is when the run ends for which it was set. */
  private setTimer({ dueMs }: Waiter): void {
    if (this.isTimerSet) return;
    this.isTimerSet = true;
    this.rooms.clock.after(Math.max(0, dueMs - this.rooms.clock.nowMs()), () => {
      this.isTimerSet = false;
      const nowMs = this.rooms.clock.nowMs();
      for (const waiter of this.waiting) {
        if (waiter.dueMs > nowMs) {
          this.setTimer(waiter);
          break;
        }
        waiter.late();
      }
    });
  }
}
