/** A worker's process and the talk with it, put together: over a ring of its own, or by lines on its stdin and stdout. */
import type { Clock } from '../contract/clock.js';
import type { Native } from '../native.js';
import { openResidentLines } from '../ring/resident-lines.js';
import { openResidentLink } from '../ring/resident-link.js';
import type { NotAsked, Question, ResidentEvents } from '../ring/resident-talk.js';
import type { ProcessEvents } from './process.js';
import type { SharedWorker, Worker, WorkerEnd, WorkerEvents } from './worker.js';

/** Its process, as far as the talk needs it. */
export interface TalkProcess {
  write(bytes: Buffer): boolean;
  end(): void;
  kill(): void;
}

/** @param words more arguments for the program. @param peerEnds that it is to find as descriptors 3 and 4. */
export type StartProcess = (
  events: ProcessEvents,
  words: readonly string[],
  peerEnds: readonly [ring: number, socket: number] | undefined,
) => TalkProcess;

interface Way {
  /** It has its ends of the ring. */
  hasBegun(): void;
  ask(question: Question): number | NotAsked;
  forget(askId: number, deadlineAtMs: number): void;
  close(): void;
}

class Talk implements Worker {
  pid: number | undefined;
  private process: TalkProcess | undefined;
  private breach: WorkerEnd | undefined;
  private isOver = false;

  constructor(
    private readonly events: WorkerEvents,
    private readonly way: () => Way,
  ) {}

  ask(question: Question): number | 'tooLong' | undefined {
    const asked = this.way().ask(question);
    if (typeof asked === 'number' || asked === 'tooLong') return asked;
    this.end('kill'); // it does not read
    return undefined;
  }

  forget(askId: number, deadlineAtMs: number): void {
    this.way().forget(askId, deadlineAtMs);
  }

  end(how: 'drain' | 'kill'): void {
    if (how === 'kill') this.process?.kill();
    else this.process?.end();
  }

  residentEvents(): ResidentEvents {
    return {
      ready: (isBatch) => {
        this.way().hasBegun();
        this.events.ready(isBatch);
      },
      answered: (askId, answers) => this.events.answered(askId, answers),
      silent: () => this.events.silent(),
      closed: (violation) => {
        if (violation === undefined) {
          // Its end is told by its keeper, with the cause. If it has only closed its ring, it must still come.
          this.process?.end();
          return;
        }
        this.breach ??= { cause: 'protocol', message: `its worker broke the protocol: ${violation}` };
        this.process?.kill();
      },
    };
  }

  began(process: TalkProcess): this {
    this.process = process;
    return this;
  }

  processEvents(output: (bytes: Buffer) => void): ProcessEvents {
    return {
      begun: (pid) => {
        this.pid = pid;
      },
      output,
      gone: (end) => {
        if (this.isOver) return;
        this.isOver = true;
        this.way().close();
        this.events.gone(this.breach ?? end);
      },
    };
  }
}

export function talkByLines(events: WorkerEvents, start: StartProcess): Worker {
  const talk: Talk = new Talk(events, () => ({ ...lines, hasBegun() {} }));
  let process: TalkProcess | undefined;
  const lines = openResidentLines((line) => process?.write(line) === true, talk.residentEvents());
  process = start(talk.processEvents(lines.take.bind(lines)), [], undefined);
  return talk.began(process);
}

/** A string says why there is no ring. */
export function talkByRing(
  events: WorkerEvents,
  start: StartProcess,
  { native, clock, generation }: { native: Native; clock: Clock; generation: number },
): SharedWorker | string {
  const talk: Talk = new Talk(events, () => way);
  const opened = openResidentLink(native, clock, generation, talk.residentEvents());
  if ('refused' in opened) return opened.refused;
  const link = opened;
  const way = { ...link, hasBegun: () => link.closePeerEnds() };
  const words = [String(link.ringBytes), String(generation)];
  const ignored = () => {}; // what it prints is its validator's, and nobody's
  const process = start(talk.processEvents(ignored), words, link.peerEnds);
  return Object.assign(talk.began(process), {
    load(...wanted: Parameters<SharedWorker['load']>) {
      const asked = link.load(...wanted);
      return typeof asked === 'number' ? asked : undefined;
    },
    turn: () => link.mark(),
  });
}
