/** Payloads of a keeper's records -> values. The keeper is trusted; its lengths are checked all the same. */
import { getSystemErrorMap } from 'node:util';
import type { Confinement } from '../contract/confinement.js';
import { type LayerName, layersOfBits } from '../contract/isolation.js';
import type { LimitKind, Outcome, TaskUsage } from '../contract/outcome.js';
import { LIMIT_CODE, OUTCOME_CODE } from '../contract/outcome.js';
import { STAGE_TEXT } from '../contract/stage.js';
import { PARKED_BYTES, TASK_END_BYTES } from '../contract/wire.js';

/** Of stage.h: proving that the layer holds. */
const STAGE_PROOF = 39;

export interface TaskEnd {
  kind: 'answered' | 'timedOut' | 'limitHit' | 'cancelled' | 'crashed';
  limit: LimitKind | undefined;
  exitCode: number;
  signal: number;
  runNs: number;
  stdoutBytes: number;
  stderrBytes: number;
  memoryPeakBytes: number;
  cpuUs: number;
  throttledUs: number;
  oomKills: number;
  pidsMaxHits: number;
  denialsTold: number;
}

export function decodeTaskEnd(payload: Buffer): TaskEnd | undefined {
  if (payload.length !== TASK_END_BYTES) return undefined;
  const outcome = payload.readUInt32LE(0);
  const kind = ENDINGS.find((name) => OUTCOME_CODE[name] === outcome);
  if (kind === undefined) return undefined;
  const limitCode = payload.readUInt32LE(4);
  return {
    kind,
    limit: (Object.keys(LIMIT_CODE) as LimitKind[]).find((name) => LIMIT_CODE[name] === limitCode),
    exitCode: payload.readUInt32LE(8),
    signal: payload.readUInt32LE(12),
    runNs: uint64(payload, 16),
    stdoutBytes: uint64(payload, 24),
    stderrBytes: uint64(payload, 32),
    memoryPeakBytes: uint64(payload, 40),
    cpuUs: uint64(payload, 48),
    throttledUs: uint64(payload, 56),
    oomKills: payload.readUInt32LE(64),
    pidsMaxHits: payload.readUInt32LE(68),
    denialsTold: payload.readUInt32LE(72),
  };
}

/** Exact up to 2^53, and without the cost of a BigInt on every answer. */
function uint64(payload: Buffer, offset: number): number {
  return payload.readUInt32LE(offset) + payload.readUInt32LE(offset + 4) * 2 ** 32;
}

const ENDINGS = ['answered', 'timedOut', 'limitHit', 'cancelled', 'crashed'] as const;

/** What each limit was set to, for messages. */
export type LimitValues = Record<LimitKind | 'timeoutMs', number>;

export function outcomeOf(end: TaskEnd, cancelSignal: number, limitValues: LimitValues): Outcome {
  switch (end.kind) {
    case 'answered':
      return { kind: 'answered', exitCode: end.exitCode, signal: end.signal };
    case 'timedOut':
      return { kind: 'timedOut', afterMs: limitValues.timeoutMs };
    case 'limitHit': {
      const limit = end.limit ?? 'memory';
      return { kind: 'limitHit', limit, limitValue: limitValues[limit] };
    }
    case 'cancelled':
      return { kind: 'cancelled', signal: cancelSignal };
    case 'crashed':
      return { kind: 'crashed', message: 'the supervisor ended while this hook ran' };
  }
}

export function usageOf(end: TaskEnd): TaskUsage {
  const { memoryPeakBytes, cpuUs, throttledUs, oomKills, pidsMaxHits, denialsTold } = end;
  const [cpuMs, throttledMs] = [cpuUs / 1000, throttledUs / 1000];
  return { memoryPeakBytes, cpuMs, throttledMs, oomKills, pidsMaxHits, denialsTold };
}

export interface Parked {
  pid: number;
  /** A Node that keeps some of its internals elsewhere than those we know. */
  isUnknown: boolean;
  /** Of the sandbox that it has entered. */
  layers: readonly LayerName[];
  /** Its proportional set size; 0: unknown. */
  memoryBytes: number;
  cgroupPath: string | null;
  /** From the beginning of its start. */
  startMs: number;
}

export function decodeParked(payload: Buffer): Parked | undefined {
  if (payload.length < PARKED_BYTES || payload.length !== PARKED_BYTES + payload.readUInt32LE(12)) return undefined;
  return {
    pid: payload.readUInt32LE(0),
    isUnknown: payload.readUInt32LE(4) !== 0,
    memoryBytes: payload.readUInt32LE(8) * 1024,
    layers: layersOfBits(payload.readUInt32LE(16)),
    startMs: payload.readUInt32LE(20),
    cgroupPath: payload.length === PARKED_BYTES ? null : payload.toString('latin1', PARKED_BYTES),
  };
}

/** What a process that is to be held like that has not entered: it is not to be given a hook, whoever parked it. */
export function notEntered({ layers }: Parked, confinement: Confinement | undefined): SetupFailure | undefined {
  const missing = (confinement?.layers ?? []).filter((layer) => !layers.includes(layer));
  return missing.length === 0 ? undefined : { stage: STAGE_PROOF, errnum: 0, subject: missing.join(', ') };
}

export interface SetupFailure {
  stage: number;
  errnum: number;
  subject: string;
}

export function decodeFailure(payload: Buffer): SetupFailure | undefined {
  if (payload.length < 12 || payload.length !== 12 + payload.readUInt32LE(8)) return undefined;
  return { stage: payload.readUInt32LE(0), errnum: payload.readInt32LE(4), subject: payload.toString('latin1', 12) };
}

/** For people: which step, of what, and the error. */
export function failureText({ stage, errnum, subject }: SetupFailure): string {
  const [name] = getSystemErrorMap().get(-errnum) ?? [];
  const step = STAGE_TEXT[stage] ?? `step ${stage}`;
  return [step, subject, name ?? ''].filter((part) => part !== '').join(': ');
}

export function uint32s(...values: number[]): Buffer {
  const buffer = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) buffer.writeUInt32LE(value, 4 * index);
  return buffer;
}
