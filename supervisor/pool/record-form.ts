/** What of a keeper's record must be right before anything of it is used. A resident worker writes its own ring, and what would
 *  throw here would end the daemon. */
import {
  GONE_BYTES,
  HELLO_BYTES,
  LEARNED_BYTES,
  PARKED_BYTES,
  RecordKind,
  SETUP_FAILURE_BYTES,
  TASK_END_BYTES,
  UINT32_BYTES,
  ZYGOTE_STATE_BYTES,
} from '../contract/wire.js';

const FIXED_BYTES: Partial<Record<number, number>> = {
  [RecordKind.HELLO]: HELLO_BYTES,
  [RecordKind.GONE]: GONE_BYTES,
  [RecordKind.LINGERING]: GONE_BYTES,
  [RecordKind.NOT_STARTED]: UINT32_BYTES,
  [RecordKind.STDIN_CREDIT]: UINT32_BYTES,
  [RecordKind.END]: TASK_END_BYTES,
  [RecordKind.ZYGOTE]: ZYGOTE_STATE_BYTES,
  [RecordKind.LEARNED]: LEARNED_BYTES,
};

/** Where the length of the text behind the head stands. */
const WITH_TEXT: Partial<Record<number, { headBytes: number; lengthAt: number }>> = {
  [RecordKind.PARKED]: { headBytes: PARKED_BYTES, lengthAt: 12 },
  [RecordKind.FAILURE]: { headBytes: SETUP_FAILURE_BYTES, lengthAt: 8 },
};

/** @returns what is wrong with the record, for the log; undefined: nothing. */
export function faultOfForm(kind: number, slot: number, slots: number, payload: Buffer): string | undefined {
  if (!isLengthRight(kind, payload)) return `record ${kind} with ${payload.length} bytes`;
  const namesSlot = kind === RecordKind.PARKED || kind === RecordKind.LINGERING;
  return namesSlot && slot >= slots ? `slot ${slot} of ${slots}` : undefined;
}

function isLengthRight(kind: number, payload: Buffer): boolean {
  if (kind === RecordKind.STDOUT || kind === RecordKind.STDERR) return payload.length > 0;
  const text = WITH_TEXT[kind];
  if (text === undefined) return payload.length === FIXED_BYTES[kind];
  const { headBytes, lengthAt } = text;
  return payload.length >= headBytes && payload.length === headBytes + payload.readUInt32LE(lengthAt);
}
