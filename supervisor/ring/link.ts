/** The daemon's end of one keeper's channel: records out with a bounded backlog while the ring is full, records in,
 *  fragments put together. */
import { LIMITS } from '../contract/limits.js';
import { RECORD_MORE, RECORD_PAYLOAD_MAX_BYTES } from '../contract/wire.js';
import type { CallFds, Channel, ChannelCounters, Native, RecordEvents } from '../native.js';

export interface LinkEvents {
  /** `payload` is valid during the call only. */
  record(kind: number, flags: number, callId: number, slot: number, generation: number, payload: Buffer): void;
  /** As Channel's onAnswered. */
  answered: RecordEvents['onAnswered'];
  /** The keeper is dead or, where `violation` says how, broke the protocol. Once. */
  closed(violation: string | undefined): void;
}

export interface Link {
  /** For the switchboard, which writes to it too. */
  readonly channel: Channel;
  readonly peerSocketFd: number;
  readonly peerRingFd: number;
  readonly memory: 'memfd' | 'file';
  /** The other side cannot cut it, which would end us at the next access. */
  readonly isSealed: boolean;
  setEvents(events: LinkEvents): void;
  /** Sends one record, in fragments where it is long. Returns a mark for `isConsumed`, or undefined if the link is closed
   *  or its backlog full. */
  send(
    kind: number,
    flags: number,
    callId: number,
    slot: number,
    generation: number,
    payload?: Buffer,
  ): SentRecord | undefined;
  sendFds(callId: number, ...fds: CallFds): boolean;
  /** Whether the keeper has taken the record out of the ring. */
  isConsumed(sent: SentRecord): boolean;
  /** The last record in the ring; undefined: there was none yet. */
  newest(): SentRecord | undefined;
  counters(): ChannelCounters;
  /** The keeper has broken the protocol: `closed` follows, and nothing of it before. */
  distrust(violation: string): void;
  closePeerEnds(): void;
  close(): void;
}

/** A record on its way. `ordinal` is 0 until it is in the ring. */
export interface SentRecord {
  ordinal: number;
}

interface Pending {
  sent: SentRecord;
  kind: number;
  flags: number;
  callId: number;
  slot: number;
  generation: number;
  payload: Buffer;
}

const EAGAIN = 11;
const EMPTY = Buffer.alloc(0);

export interface LinkSize {
  ringBytes: number;
  backlogMaxBytes: number;
}

const KEEPER_LINK: LinkSize = { ringBytes: LIMITS.ringBytes, backlogMaxBytes: LIMITS.channelBacklogMaxBytes };

/** @throws Error with code where neither memfd nor a file in `fallbackFolder` can be had. */
export function openLink(native: Native, generation: number, fallbackFolder: string, size = KEEPER_LINK): Link {
  const channel = native.createChannel(size.ringBytes, generation, fallbackFolder);
  const backlog: Pending[] = [];
  let backlogBytes = 0;
  let closed = false;
  let violation: string | undefined;
  let events: LinkEvents | undefined;

  const writeNow = (record: Pending): boolean => {
    const result = channel.write(
      record.kind,
      record.flags,
      record.callId,
      record.slot,
      record.generation,
      record.payload,
    );
    // A failure other than a full ring is the end of the channel; onClosed tells. The record keeps its ordinal of 0.
    if (result > 0) record.sent.ordinal = result;
    return result !== -EAGAIN;
  };
  const flush = () => {
    let sent = 0;
    for (const record of backlog) {
      if (!writeNow(record)) break;
      backlogBytes -= record.payload.length;
      sent++;
    }
    backlog.splice(0, sent);
  };
  const sendOne = (record: Pending) => {
    if (backlog.length === 0 && writeNow(record)) return;
    // A record that waits outlives the caller's buffer, which may be reused.
    backlog.push({ ...record, payload: Buffer.from(record.payload) });
    backlogBytes += record.payload.length;
  };

  return {
    channel,
    peerSocketFd: channel.peerSocketFd,
    peerRingFd: channel.peerRingFd,
    memory: channel.memory,
    isSealed: channel.sealed,
    setEvents(next) {
      events = next;
      channel.setEvents({
        onRecord: (kind, flags, callId, slot, generation, payload) =>
          events?.record(kind, flags, callId, slot, generation, payload),
        onClosed(errnum) {
          if (closed) return;
          closed = true;
          if (errnum !== 0) violation ??= 'its ring or its doorbell';
          events?.closed(violation);
        },
        onSpace: flush,
        onAnswered: (token, slot, generation, tookMs, agoMs, payload) =>
          events?.answered(token, slot, generation, tookMs, agoMs, payload),
      });
    },
    send(kind, flags, callId, slot, generation, payload = EMPTY) {
      if (closed || backlogBytes + payload.length > size.backlogMaxBytes) return undefined;
      let at = 0;
      let sent: SentRecord;
      do {
        sent = { ordinal: 0 };
        const end = Math.min(at + RECORD_PAYLOAD_MAX_BYTES, payload.length);
        const more = end < payload.length ? RECORD_MORE : 0;
        sendOne({ sent, kind, flags: flags | more, callId, slot, generation, payload: payload.subarray(at, end) });
        at = end;
      } while (at < payload.length);
      return sent;
    },
    sendFds: (callId, ...fds) => !closed && channel.sendFds(callId, ...fds) === 0,
    isConsumed: ({ ordinal }) => ordinal > 0 && channel.isConsumed(ordinal),
    newest() {
      const ordinal = channel.counters().recordsWritten;
      return ordinal === 0 ? undefined : { ordinal };
    },
    counters: () => channel.counters(),
    distrust(what) {
      violation ??= what;
      channel.distrust();
    },
    closePeerEnds: () => channel.closePeerEnds(),
    close() {
      closed = true;
      channel.close();
    },
  };
}
