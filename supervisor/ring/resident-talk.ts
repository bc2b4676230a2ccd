/** The talk with one resident worker, whatever carries it: questions, their answers, signs of life. Believes nothing: a
 *  worker that says what nobody asked for breaks the protocol, so one that floods ends with its first word too many. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { AgentEvent } from '../contract/validating.js';
import { RESIDENT_MESSAGE_MAX_BYTES, RecordKind } from '../contract/wire.js';
import { type Answered, answersOf, type Fields } from './resident-answer.js';

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
}

export class ResidentTalk {
  private readonly asks = new Map<number, Ask>();
  private nextId = 1;
  private isReady = false;
  private isSilent = false;
  private pingId: number | undefined;
  private undoTimer = () => {};

  /** @param clock undefined: it is not asked for signs of life. */
  constructor(
    private readonly clock: Clock | undefined,
    private readonly send: SendRecord,
    private readonly events: Omit<ResidentEvents, 'closed'>,
  ) {}

  /** Questions without an answer, forgotten ones too. */
  get unanswered(): number {
    return this.asks.size;
  }

  /** @returns the number by which its answer is told. */
  ask({ events, context }: Question): number | NotAsked {
    if (!this.isReady) return 'notReady';
    if (this.asks.size >= LIMITS.residentAsksMax) return 'full';
    const text = JSON.stringify(events.length === 1 ? { event: events[0], context } : { events, context });
    if (isLonger(text, RESIDENT_MESSAGE_MAX_BYTES)) return 'tooLong';
    const id = this.nextId++;
    if (!this.send(RecordKind.ASK, id, text)) return 'full';
    this.asks.set(id, { events: events.length, isForgotten: false });
    return id;
  }

  /** Its answer is not wanted any more. */
  forget(id: number): void {
    const ask = this.asks.get(id);
    if (ask === undefined || ask.isForgotten) return;
    ask.isForgotten = true;
    this.send(RecordKind.FORGET, id, ''); // where it has no room, the answer comes in vain
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
      return undefined;
    }
    const ask = this.asks.get(id);
    this.asks.delete(id);
    if (ask !== undefined && !ask.isForgotten) this.events.answered(id, answersOf(fields, ask.events));
    return undefined;
  }

  stop(): void {
    this.undoTimer();
    this.isReady = false;
  }

  private takeReady(fields: Fields | undefined): string | undefined {
    if (fields?.protocol !== RESIDENT_PROTOCOL) return `it does not speak protocol ${RESIDENT_PROTOCOL}`;
    this.isReady = true;
    this.lookLater();
    this.events.ready(fields.batch === true);
    return undefined;
  }

  private lookLater(): void {
    if (this.clock !== undefined) this.undoTimer = this.clock.after(LIMITS.residentPingEveryMs, () => this.lookAlive());
  }

  /** One that works is bound by the deadline of its question, not by this. */
  private lookAlive(): void {
    this.lookLater();
    if (this.pingId !== undefined) {
      if (!this.isSilent) this.events.silent();
      this.isSilent = true;
    } else if ([...this.asks.values()].every(({ isForgotten }) => isForgotten)) {
      this.pingId = this.nextId++;
      this.send(RecordKind.PING, this.pingId, '');
    }
  }
}

/** In UTF-8, where a character has three bytes at most: of a short text they need not be counted. */
function isLonger(text: string, maxBytes: number): boolean {
  return text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes;
}
