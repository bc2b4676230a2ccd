/** `import { connect } from 'hook-supervisor'`: a program asks the validators itself. Everything that can be expected to go
 *  wrong is an outcome with a kind; nothing rejects. docs/library.md. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Decided, LibraryAsk, Refused } from '../contract/library.js';
import { LIMITS } from '../contract/limits.js';
import type { EventAgent, Priority, ValidatorOutcome, Verdict } from '../contract/validating.js';
import { FRAME_CONTROL_MAX_BYTES } from '../contract/wire.js';
import { Link } from './link.js';
import { inOrder, namesOf, whyNot } from './ordered.js';
import {
  ABORTED,
  type Aborted,
  CLOSED,
  type Outcome,
  type Skipped,
  type Unavailable,
  unavailable,
} from './outcomes.js';
import { libraryPlace } from './place.js';
import { Room } from './room.js';
import { stoppedBy } from './stopping.js';

export type {
  Aborted,
  Decided,
  EventAgent,
  Outcome,
  Priority,
  Refused,
  Skipped,
  Unavailable,
  ValidatorOutcome,
  Verdict,
};

export interface ConnectOptions {
  /** By default that of the user's daemon. */
  socketPath?: string;
}

/** One event as its agent gives it to hooks, and how it is asked about. */
export type SubmitOptions = Omit<LibraryAsk, 'event'> & {
  signal?: AbortSignal;
  /** It is asked once these are decided, and skipped if one of them is not. */
  after?: readonly (Outcome | PromiseLike<Outcome>)[];
};

export interface BatchItem extends LibraryAsk {
  /** By which others of the batch name it. */
  id?: string;
  /** It is asked once these are decided, and skipped if one of them is not. */
  dependsOn?: readonly string[];
}

export interface Library {
  submit(event: LibraryAsk['event'], options?: SubmitOptions): Promise<Outcome>;
  /** @returns one outcome for each item, in order. */
  submitBatch(items: readonly BatchItem[], options?: { signal?: AbortSignal }): Promise<Outcome[]>;
  /** What is under way is aborted. */
  close(): void;
}

/** Connects with the first question, and anew after the daemon has ended. */
export function connect({ socketPath }: ConnectOptions = {}): Library {
  return new Program(socketPath);
}

/** Beside the events in a frame. */
const FRAME_SLACK_BYTES = 64;
/** A daemon that is being replaced is asked again so often. */
const HANDED_OVER_TRIES_MAX = 20;

interface Text {
  json: string;
  bytes: number;
}

class Program implements Library {
  private link: Link | undefined;
  private readonly room = new Room();
  private isClosed = false;

  constructor(private readonly socketPath: string | undefined) {}

  async submit(event: LibraryAsk['event'], options: SubmitOptions = {}): Promise<Outcome> {
    const { signal, after = [], ...how } = options;
    if (after.length > 0) {
      for (const [index, outcome] of (await Promise.all(after)).entries()) {
        if (outcome.kind !== 'decided') return { kind: 'skipped', because: whyNot(`#${index}`, outcome) };
      }
    }
    return stoppedBy(signal, (stop) => this.sendOne({ event, ...how }, stop));
  }

  async submitBatch(items: readonly BatchItem[], { signal }: { signal?: AbortSignal } = {}): Promise<Outcome[]> {
    const askOf = ({ id: _, dependsOn: __, ...ask }: BatchItem): LibraryAsk => ask;
    if (items.every(({ dependsOn = [] }) => dependsOn.length === 0)) {
      return stoppedBy(signal, (stop) => this.send(items.map(askOf), stop));
    }
    const named = namesOf(items);
    if (named.ok) {
      return stoppedBy(signal, (stop) => inOrder(items, named.names, (item) => this.sendOne(askOf(item), stop)));
    }
    const { message } = named;
    return items.map(() => ({ kind: 'refused', code: 'badGraph', message, remedy: 'correct id and dependsOn' }));
  }

  close(): void {
    this.isClosed = true;
    this.link?.close();
  }

  private async sendOne(ask: LibraryAsk, signal: AbortSignal | undefined): Promise<Outcome> {
    const text = textOf(ask);
    if ('kind' in text) return text;
    const [outcome] = await this.sendFrame([text], signal);
    if (outcome === undefined) throw new Error('a question without an outcome');
    return outcome;
  }

  /** In as few frames as they fit into. */
  private async send(asks: readonly LibraryAsk[], signal: AbortSignal | undefined): Promise<Outcome[]> {
    const frames: Promise<readonly Outcome[]>[] = [];
    let texts: Text[] = [];
    let bytes = FRAME_SLACK_BYTES;
    const flush = () => {
      if (texts.length > 0) frames.push(this.sendFrame(texts, signal));
      texts = [];
      bytes = FRAME_SLACK_BYTES;
    };
    for (const ask of asks) {
      const text = textOf(ask);
      if ('kind' in text) {
        flush();
        frames.push(Promise.resolve([text]));
        continue;
      }
      if (texts.length === LIMITS.libraryBatchMax || bytes + text.bytes > FRAME_CONTROL_MAX_BYTES) flush();
      texts.push(text);
      bytes += text.bytes + 1;
    }
    flush();
    return (await Promise.all(frames)).flat();
  }

  private async sendFrame(texts: readonly Text[], signal: AbortSignal | undefined): Promise<readonly Outcome[]> {
    const amount = {
      events: texts.length,
      bytes: texts.reduce((sum, { bytes }) => sum + bytes + 1, FRAME_SLACK_BYTES),
    };
    const all = (outcome: Outcome) => texts.map(() => outcome);
    const entered = this.room.enter(amount, signal);
    if (entered === undefined) {
      return all(unavailable('busy', 'too many questions wait already', 'wait for answers before the next question'));
    }
    if (!(await entered)) return all(ABORTED);
    try {
      const answered = await this.askHandedOver(`[${texts.map(({ json }) => json).join(',')}]`, signal);
      return 'kind' in answered ? all(answered) : answered;
    } finally {
      this.room.leave(amount);
    }
  }

  /** A daemon that is being replaced has taken nothing of this, and the next one is there in a moment. */
  private async askHandedOver(asks: string, signal: AbortSignal | undefined): Promise<readonly Outcome[] | Outcome> {
    for (let tries = 1; ; tries++) {
      const answered = await this.ask(asks, signal);
      const isHandedOver = 'kind' in answered && answered.kind === 'unavailable' && answered.code === 'restarting';
      if (!isHandedOver || tries === HANDED_OVER_TRIES_MAX) return answered;
      await sleep(LIMITS.libraryRetryAfterMs);
    }
  }

  private ask(asks: string, signal: AbortSignal | undefined): Promise<readonly Outcome[] | Outcome> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve(ABORTED);
      if (this.isClosed) return resolve(CLOSED);
      if (this.link === undefined || !this.link.isUsable) {
        const place = libraryPlace(this.socketPath);
        if (!place.ok) return resolve(unavailable('absent', place.message, place.remedy));
        this.link = new Link(place.path);
      }
      const { link } = this;
      const id = link.ask(asks, (outcomes) => {
        signal?.removeEventListener('abort', onAbort);
        resolve(outcomes);
      });
      const onAbort = () => {
        link.abort(id);
        resolve(ABORTED);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}

function textOf(ask: LibraryAsk): Text | Refused {
  const refused = (code: Refused['code'], message: string, remedy: string): Refused => ({
    ...{ kind: 'refused', code, message, remedy },
  });
  let json: string;
  try {
    json = JSON.stringify(ask);
  } catch (error) {
    return refused('badRequest', `it cannot be written as JSON: ${(error as Error).message}`, 'give plain values');
  }
  const bytes = Buffer.byteLength(json);
  if (bytes + FRAME_SLACK_BYTES <= FRAME_CONTROL_MAX_BYTES) return { json, bytes };
  return refused('tooLarge', `the event has ${bytes} bytes`, `${FRAME_CONTROL_MAX_BYTES} fit at most`);
}
