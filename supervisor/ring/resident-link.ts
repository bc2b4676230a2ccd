/** The daemon's end of a resident worker's ring. The worker is the untrusted peer of its own ring: indices, lengths and
 *  kinds are checked in the addon, what they carry here, and what waits for it is bounded. */
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import { RECORD_MORE, RECORD_PAYLOAD_MAX_BYTES, RESIDENT_MESSAGE_MAX_BYTES } from '../contract/wire.js';
import type { ChannelCounters, Native } from '../native.js';
import { type Link, openLink } from './link.js';
import { fieldsOf } from './resident-answer.js';
import type { Loaded, Wanted } from './resident-load.js';
import { type NotAsked, type Question, type ResidentEvents, ResidentTalk } from './resident-talk.js';

export interface ResidentLink {
  /** Ring and doorbell, to be handed to the worker; then closePeerEnds(). */
  readonly peerEnds: readonly [ring: number, socket: number];
  /** The two numbers that the worker is started with. */
  readonly ringBytes: number;
  readonly generation: number;
  readonly unanswered: number;
  ask(question: Question): number | NotAsked;
  load(wanted: Wanted, loaded: (loaded: Loaded) => void): number | NotAsked;
  forget(askId: number, deadlineAtMs?: number): void;
  /** What the worker has said last that it is at, also after its end; 0: nothing. Its own word, as any other of it. */
  mark(): number;
  counters(): ChannelCounters;
  closePeerEnds(): void;
  /** Tells nothing more. Must be called in the end, also after `closed`. */
  close(): void;
}

const SIZE = { ringBytes: LIMITS.residentRingBytes, backlogMaxBytes: LIMITS.residentBacklogMaxBytes };

/** @returns the link, or why there can be none. */
export function openResidentLink(
  native: Native,
  clock: Clock,
  generation: number,
  events: ResidentEvents,
): ResidentLink | { refused: string } {
  let link: Link;
  try {
    link = openLink(native, generation, '', SIZE); // no file will do: the worker could cut it
  } catch (error) {
    return { refused: `shared memory: ${(error as Error).message}` };
  }
  if (!link.isSealed) {
    link.close();
    return { refused: 'shared memory cannot be sealed' };
  }
  const send = (kind: number, id: number, text: string) =>
    link.send(kind, 0, id, 0, generation, Buffer.from(text)) !== undefined;
  const talk = new ResidentTalk(clock, send, events);
  const pieces = new Pieces();

  function faultOf(kind: number, flags: number, id: number, ofGeneration: number, payload: Buffer): string | undefined {
    if (ofGeneration !== generation) return `record of generation ${ofGeneration}`;
    const fault = pieces.faultOf(kind, flags, id, payload) ?? (pieces.isEmpty ? talk.faultOf(kind, id) : undefined);
    if (fault !== undefined) return fault;
    const text = pieces.add(kind, flags, id, payload);
    return text === undefined ? undefined : talk.take(kind, id, fieldsOf(text));
  }

  link.setEvents({
    record(kind, flags, id, _slot, ofGeneration, payload) {
      const fault = faultOf(kind, flags, id, ofGeneration, payload);
      if (fault !== undefined) link.distrust(fault);
    },
    answered() {}, // no switchboard writes to it
    closed(violation) {
      talk.stop();
      events.closed(violation);
    },
  });
  return {
    peerEnds: [link.peerRingFd, link.peerSocketFd],
    ringBytes: SIZE.ringBytes,
    generation,
    get unanswered() {
      return talk.unanswered;
    },
    ask(question) {
      const asked = talk.ask(question);
      // With others before it the answer takes longer.
      if (talk.unanswered === 1 && typeof asked === 'number') link.channel.awaitAnswer();
      return asked;
    },
    load: (wanted, loaded) => talk.load(wanted, loaded),
    forget: (askId, deadlineAtMs) => talk.forget(askId, deadlineAtMs),
    mark: () => link.channel.peerMark(),
    counters: () => link.counters(),
    closePeerEnds: () => link.closePeerEnds(),
    close() {
      talk.stop();
      link.close();
    },
  };
}

/** Fragments of one message, put together. All but the last are full: a message has no more than its bytes need. */
class Pieces {
  private kind = 0;
  private id = 0;
  private parts: Buffer[] = [];
  private bytes = 0;

  get isEmpty(): boolean {
    return this.parts.length === 0;
  }

  faultOf(kind: number, flags: number, id: number, payload: Buffer): string | undefined {
    if ((flags & ~RECORD_MORE) !== 0) return `flags ${flags}`;
    if (!this.isEmpty && (kind !== this.kind || id !== this.id)) return 'a message inside another';
    if (this.bytes + payload.length > RESIDENT_MESSAGE_MAX_BYTES) return 'a message that is too long';
    return flags === RECORD_MORE && payload.length !== RECORD_PAYLOAD_MAX_BYTES ? 'a short fragment' : undefined;
  }

  /** @returns the text of the message; undefined: more is to come. */
  add(kind: number, flags: number, id: number, payload: Buffer): string | undefined {
    if (flags === 0 && this.isEmpty) return payload.toString();
    this.parts.push(Buffer.from(payload)); // the buffer is lent
    this.bytes += payload.length;
    this.kind = kind;
    this.id = id;
    if (flags !== 0) return undefined;
    const text = Buffer.concat(this.parts).toString();
    this.parts = [];
    this.bytes = 0;
    return text;
  }
}
