/** The talk with one resident worker, whatever carries it: questions, their answers, signs of life. Believes nothing: a
 *  worker that says what nobody asked for breaks the protocol, so one that floods ends with its first word too many. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { AgentEvent } from '../contract/validating.js';
import { RESIDENT_MESSAGE_MAX_BYTES, RecordKind } from '../contract/wire.js';
import { type Answered, answersOf, type Fields } from './resident-answer.js';
import { ResidentLife } from './resident-life.js';
import { type Loaded, loadedOf, type Wanted } from './resident-load.js';

export const RESIDENT_PROTOCOL = 1;

export interface Question {
  /** One, or more for a worker that takes batches. */
  events: readonly AgentEvent[];
  /** JSON; what the validator gets beside the event, its settings for example. */
  context: Readonly<Record<string, unknown>>;
}

export interface ResidentEvents {
  /** It can be asked. Once. */
  ready(isBatch: boolean): void;
  /** One answer for each event of the question. Not of one that was forgotten. */
  answered(askId: number, answers: readonly Answered[]): void;
  /** It has given no sign of life in time, though it had nothing to do. Once. */
  silent(): void;
  /** It is gone or, where `violation` says how, broke the protocol; questions without an answer get none. Once. */
  closed(violation: string | undefined): void;
}

/** Why a question was not sent. `full`: as many are unanswered as may be, or it does not read. */
export type NotAsked = 'notReady' | 'full' | 'tooLong';

/** Sends a record; false: there is no room. */
export type SendRecord = (kind: number, id: number, text: string) => boolean;

interface Ask {
  events: number;
  isForgotten: boolean;
  /** It is no question: a validator is to be loaded. */
  loaded?: (loaded: Loaded) => void;
}

export class ResidentTalk {
  private readonly asks = new Map<number, Ask>();
  private nextId = 1;
  private isReady = false;
  private pingId: number | undefined;
  private readonly life: ResidentLife | undefined;

  /** @param clock undefined: it is not asked for signs of life. */
  constructor(
    clock: Clock | undefined,
    private readonly send: SendRecord,
    private readonly events: Omit<ResidentEvents, 'closed'>,
  ) {
    if (clock !== undefined) this.life = new ResidentLife({ clock, ...this.lifeRooms() });
  }

  /** Questions without an answer, forgotten ones too. */
  get unanswered(): number {
    return this.asks.size;
  }

  /** @returns the number by which its answer is told. */
  ask({ events, context }: Question): number | NotAsked {
    const text = JSON.stringify(events.length === 1 ? { event: events[0], context } : { events, context });
    return this.put(RecordKind.ASK, text, { events: events.length, isForgotten: false });
  }

  /** Of a worker that several validators share: one more of them. */
  load(wanted: Wanted, loaded: (loaded: Loaded) => void): number | NotAsked {
    return this.put(RecordKind.LOAD, JSON.stringify(wanted), { events: 0, isForgotten: false, loaded });
  }

  /** Its answer is not wanted any more. @param deadlineAtMs by which it was to come; 0: that is over. */
  forget(id: number, deadlineAtMs = 0): void {
    const ask = this.asks.get(id);
    if (ask === undefined || ask.isForgotten) return;
    ask.isForgotten = true;
    this.send(RecordKind.FORGET, id, ''); // where it has no room, the answer comes in vain
    this.life?.givenUp(deadlineAtMs);
  }

  /** Looked at before anything of a message is kept. @returns why it must not say that now; undefined: it may. */
  faultOf(kind: number, id: number): string | undefined {
    if (kind === RecordKind.READY) return this.isReady || id !== 0 ? 'ready twice' : undefined;
    if (!this.isReady) return `record ${kind} before it was ready`;
    if (kind === RecordKind.ANSWER) return this.asks.has(id) ? undefined : 'an answer that nobody asked for';
    if (kind === RecordKind.PONG) return id === this.pingId ? undefined : 'a sign of life that nobody asked for';
    return `record ${kind}, which no worker sends`;
  }

  /** A whole message without such a fault; its fields, where it is an object. @returns what else is wrong. */
  take(kind: number, id: number, fields: Fields | undefined): string | undefined {
    if (kind === RecordKind.READY) return this.takeReady(fields);
    if (kind === RecordKind.PONG) {
      this.pingId = undefined;
      this.life?.sign();
      return undefined;
    }
    const ask = this.asks.get(id);
    this.asks.delete(id);
    if (ask?.loaded !== undefined) ask.loaded(loadedOf(fields));
    else if (ask !== undefined && !ask.isForgotten) this.events.answered(id, answersOf(fields, ask.events));
    return undefined;
  }

  stop(): void {
    this.life?.stop();
    this.isReady = false;
  }

  private put(kind: number, text: string, ask: Ask): number | NotAsked {
    if (!this.isReady) return 'notReady';
    if (this.asks.size >= LIMITS.residentAsksMax) return 'full';
    if (Buffer.byteLength(text) > RESIDENT_MESSAGE_MAX_BYTES) return 'tooLong';
    const id = this.nextId++;
    if (!this.send(kind, id, text)) return 'full';
    this.asks.set(id, ask);
    return id;
  }

  private takeReady(fields: Fields | undefined): string | undefined {
    if (fields?.protocol !== RESIDENT_PROTOCOL) return `it does not speak protocol ${RESIDENT_PROTOCOL}`;
    this.isReady = true;
    this.life?.begin();
    this.events.ready(fields.batch === true);
    return undefined;
  }

  private lifeRooms() {
    return {
      isIdle: () => [...this.asks.values()].every(({ isForgotten }) => isForgotten),
      ping: () => {
        this.pingId = this.nextId++;
        this.send(RecordKind.PING, this.pingId, '');
      },
      silent: () => this.events.silent(),
    };
  }
}
