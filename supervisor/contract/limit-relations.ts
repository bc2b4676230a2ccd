/** What the limits have to do with each other. */
import { LIMITS, MIB } from './limits.js';

/** Relations that the code relies on; asserted by a test. */
export const LIMIT_RELATIONS: readonly [name: string, holds: boolean][] = [
  ['a pool cannot queue more than all pools together', LIMITS.queuedCallsPerPoolMax <= LIMITS.queuedCallsMax],
  ['the ring holds two whole windows', LIMITS.ringBytes >= 4 * 256 * 1024],
  ['more records are deleted at once than written', LIMITS.recordsDeletedAtOnceMax > LIMITS.recordsWrittenAtOnceMax],
  ['the queue holds more than is written at once', LIMITS.recordsWaitingMax > LIMITS.recordsWrittenAtOnceMax],
  [
    'an operator hears of a successor that is not ready',
    LIMITS.operatorAnswerTimeoutMs > LIMITS.successorReadyTimeoutMs,
  ],
  ['an operator hears of pools that are not ready', LIMITS.operatorAnswerTimeoutMs > 2 * LIMITS.poolsReadyTimeoutMs],
  ['some events of the largest size are taken at a time', LIMITS.eventsHeldMaxBytes >= 4 * LIMITS.eventMaxBytes],
  [
    'all hooks of some events may say as much as each may',
    LIMITS.eventHooksHeldMaxBytes >= 2 * LIMITS.eventHooksMax * LIMITS.eventHookStdoutMaxBytes,
  ],
  ['one event of the largest size is taken', LIMITS.httpBodiesMaxBytes >= LIMITS.httpBodyMaxBytes],
  ['every running request has a connection', LIMITS.httpRunningMax <= LIMITS.httpConnectionsMax],
  ['some operators are always served', LIMITS.operatorStreamsMax < LIMITS.operatorConnectionsMax],
  ['what may be parked for a burst is kept for it', LIMITS.burstsToPark > LIMITS.burstsToKeep],
  ['a pool is at its least an hour after its last call', hoursUntilForgotten() < 1],
  [
    'a critical task that comes alone is never behind an overdue one',
    LIMITS.overduePassedOverByCriticalMax > LIMITS.overduePassedOverMax,
  ],
  ['what is usual can be known', LIMITS.usualTimesMin <= LIMITS.usualTimesKept],
  [
    'the largest call can be recorded',
    LIMITS.recordingHeldMaxBytes > 2 * (LIMITS.recordingStdinMaxBytes + 2 * LIMITS.recordingOutputMaxBytes),
  ],
  ['no program has all of the room', LIMITS.libraryEventsPerConnectionMax < LIMITS.libraryEventsMax],
  ['one request of a program fits into its room', LIMITS.libraryBatchMax <= LIMITS.libraryEventsPerConnectionMax],
  ['the backlog holds one call of the largest size', LIMITS.channelBacklogMaxBytes >= 2 * 8 * MIB],
];

function hoursUntilForgotten(): number {
  return (Math.log2(LIMITS.burstsRememberedMax / LIMITS.burstsToKeep) * LIMITS.burstHalfLifeMs) / 3_600_000;
}
