/** Every bound of the product, with its unit in its name, and the relations that must hold between them. */

import { EVENT_LIMITS } from './limits-events.js';

export const MIB = 1024 * 1024;

export const LIMITS = {
  ...EVENT_LIMITS,
  /** Connections a listener holds open at once; more are closed. */
  connectionsMax: 256,
  /** Connections of the operator socket open at once; more are closed. */
  operatorConnectionsMax: 16,
  /** What an operator waits for that takes the daemon some time. */
  operatorAnswerTimeoutMs: 30_000,
  /** Of them, those that follow events: the others stay free for `status` and `down`. */
  operatorStreamsMax: 8,
  /** An operator who follows events and takes nothing for so long is cut off. */
  operatorTakeTimeoutMs: 30_000,
  /** HTTP: connections open at once; of more, one that has not shown the token is closed. */
  httpConnectionsMax: 128,
  httpHeaderMaxBytes: 8 * 1024,
  httpHeadersMax: 64,
  /** From the accept, or the answer before it, to the whole head of a request that has begun, and to its whole body. */
  httpHeadTimeoutMs: 5_000,
  httpRequestTimeoutMs: 15_000,
  /** How often that is looked at. */
  httpTimeoutLookEveryMs: 1_000,
  /** Longer than an agent rests between two tools: one that is closed under its request takes the hook for absent. */
  httpIdleTimeoutMs: 3_600_000,
  /** Of an event; of those that are being read or run, together; of an answer. */
  httpBodyMaxBytes: 8 * MIB,
  httpBodiesMaxBytes: 64 * MIB,
  httpAnswerMaxBytes: 2 * MIB,
  httpStderrMaxBytes: 64 * 1024,
  httpRunningMax: 64,
  /** In the configuration; and those that install has written, with all that takes them back. */
  httpHooksMax: 256,
  httpCommandMaxCharacters: 65_536,
  httpInstalledMaxBytes: 8 * MIB,
  /** Refused requests are told so often, with their count. */
  httpRefusalsToldEveryMs: 60_000,
  /** Of an event that is answered with a merged verdict. */
  eventMaxBytes: 8 * MIB,
  /** Of such events: those that are being read or answered, and their bytes together. */
  eventsRunningMax: 4_096,
  eventsHeldMaxBytes: 256 * MIB,
  /** In it, counted by brackets and commas: a parser takes half a second for eight times as many, and nobody else is
   *  served in it. */
  eventValuesMax: 200_000,
  /** Of what a matcher looks at; a longer text is taken as matching, without asking an expression that may take long. */
  matchedMaxCharacters: 4_096,
  /** Of an input as it is shown in a reason, and of what a failed validator has said of itself. */
  reasonPartMaxCharacters: 2_048,
  /** From accept to the whole CALL frame: a slower peer is closed, at most half as much later. */
  callReceiveTimeoutMs: 5_000,
  /** A client that does not take its answer is dropped after the longest time-out agents give a hook. */
  answerTakeTimeoutMs: 600_000,
  /** Calls that wait for a worker, over all pools; more are refused. */
  queuedCallsMax: 512,
  /** Calls waiting for one pool. */
  queuedCallsPerPoolMax: 128,
  /** A call waits this long for a worker at most, then goes through `exec` or is refused. */
  queueWaitMaxMs: 2_000,
  poolsMax: 16,
  /** An interpreter pool makes room for another only after this long without a call. */
  poolIdleBeforeEvictionMs: 2_000,
  /** A pool used by one of the last so many calls of warm interpreters is in use: its parked processes stay. */
  poolInUseCalls: 32,
  /** How often a burst of so many calls must have come before processes are parked for it: once may be chance. */
  burstsToPark: 1.5,
  /** Below that they are not kept for it any longer: 17 minutes after two bursts, 53 after many. */
  burstsToKeep: 0.75,
  /** More are not remembered: each pool is small again an hour after its last call. */
  burstsRememberedMax: 16,
  burstHalfLifeMs: 720_000,
  /** A new pool is kept as if it had seen so many. */
  burstsExpected: 2,
  /** From the call that shows that more are wanted until they are started: the burst is over by then. */
  scalingDelayMs: 250,
  /** How often it is asked whether fewer would do, or there is room again, while any pool is above its least. */
  scalingTickMs: 5_000,
  /** Memory and pressure of the host are read no more often. */
  hostRoomReadEveryMs: 1_000,
  /** Groups above ours that are asked for their memory. */
  groupsAskedMax: 16,
  /** From so much waiting for memory on (of the last 10 s, percent) no further processes are parked. */
  memoryPressureMaxPercent: 10,
  /** From so much waiting for processors on they are started one by one. */
  cpuPressureMaxPercent: 90,
  /** Of the memory of the host or group, that part is never taken for parked processes. */
  memoryKeptFreePart: 1 / 16,
  /** Deaths of one cause in a pool, within that time: of more it is put into quarantine. */
  deathsMax: 5,
  deathsWindowMs: 60_000,
  /** Causes of death that a pool remembers. */
  deathCausesMax: 32,
  /** Until a pool in quarantine is tried again; doubled each time that fails. */
  quarantineFirstMs: 30_000,
  quarantineMaxMs: 900_000,
  /** Pools that had to make room, and whose quarantine and operator's wishes are there again when they come back. */
  poolsRememberedMax: 64,
  /** Until the layers of the host are asked for again where they could not be told. */
  probeRetryMs: 30_000,
  slotsPerPoolMax: 64,
  /** Places of a pool, at most half of them, that resident workers leave to hooks. */
  slotsKeptForHooks: 8,
  validatorsMax: 64,
  validatorSettingsMaxBytes: MIB / 16,
  /** Hooks that are run for events, and so also those of one event. */
  eventHooksMax: 32,
  /** Of what one of them says, and of what all say that is held until their events are answered. */
  eventHookStdoutMaxBytes: 1 * MIB,
  eventHookStderrMaxBytes: 64 * 1024,
  eventHooksHeldMaxBytes: 64 * MIB,
  /** Of those that say that they are not to be waited for, the ones that run on after their events: each holds a place of a pool. */
  eventHooksLeftMax: 8,
  residentsPerValidatorMax: 16,
  /** Built-in validators that one process has loaded since it runs; more get another. */
  validatorsPerWorkerMax: 12,
  batchMaxEvents: 1000,
  /** Tasks at workers of validators at a time, of all together. */
  validatorTasksAtOnceMax: 256,
  /** In which an adaptive batch is to be answered. */
  batchTargetMs: 20,
  /** Of the entry of a validator. */
  validatorCodeMaxBytes: 16 * MIB,
  /** Of what a resident worker has said last on stderr, for the message of its end. */
  residentWordsMaxBytes: 4096,
  /** Until a resident worker has said that it is ready. */
  residentReadyTimeoutMs: 10_000,
  /** Workers of a validator that nobody has asked for so long are ended: the next question starts another. */
  residentIdleMs: 900_000,
  /** Rules of `handlers`, and entries of each of their lists. */
  handlerRulesMax: 256,
  handlerListMax: 64,
  handlerTextMaxCharacters: 4_096,
  /** Files that one call may run, as far as its words tell; of more the policy is that of the strictest level. */
  calledFilesMax: 256,
  /** Folders above the current one in which the mark of a project is looked for. */
  projectSearchDepthMax: 64,
  /** Which folders of system and home there are is looked up again after that. */
  hostPathsRememberedMs: 30_000,
  /** Paths of each kind that the launcher takes. */
  sandboxPathsMax: 96,
  /** Processes kept parked for each sandbox: each is up to three, and a user has few hooks above `contained` at a time. */
  confinedParkedMax: 4,
  /** Of the /tmp and the /dev/shm of one process above `contained`. */
  sandboxTmpMaxBytes: 256 * MIB,
  sandboxTmpMaxFiles: 16_384,
  /** Connections that the proxy of an allow-list holds for one hook, and for all of its sandbox; more are closed. */
  egressConnectionsPerDoorMax: 64,
  egressConnectionsMax: 512,
  egressHeaderMaxBytes: 16 * 1024,
  egressHeadersTimeoutMs: 10_000,
  egressResolveTimeoutMs: 10_000,
  egressConnectTimeoutMs: 10_000,
  /** A connection on which nothing came for so long is closed. */
  egressIdleTimeoutMs: 300_000,
  /** Addresses of a name that are looked at. */
  egressAddressesMax: 32,
  /** What a proxy tells the daemon: so many refusals in words in each period, the others by their count. */
  egressTellEveryMs: 2_000,
  egressRefusalsToldMax: 8,
  egressReportMaxBytes: 16 * 1024,
  /** Of its heap. */
  egressMemoryMaxMib: 64,
  /** Calls above `contained` that wait until it is known which layers the host gives. */
  callsBeforeProbeMax: 128,
  ringBytes: 1 * MIB,
  /** Bytes of records the daemon holds back for one keeper while its ring is full. */
  channelBacklogMaxBytes: 24 * MIB,
  /** A resident worker's: of each of its rings, and of what waits until it reads. */
  residentRingBytes: 256 * 1024,
  residentBacklogMaxBytes: 8 * MIB,
  /** Questions that a resident worker has and has not answered, forgotten ones too. */
  residentAsksMax: 256,
  /** An idle one is asked for a sign of life so often, and has until the next. */
  residentPingEveryMs: 5_000,
  /** And one that did not answer in time must give one so long after the deadline: else it loops, and is ended. */
  residentLoopMaxMs: 1_000,
  /** Of an answer. Its bytes are bounded by RESIDENT_MESSAGE_MAX_BYTES. */
  residentAnswerDepthMax: 64,
  verdictTextMaxCharacters: 256 * 1024,
  /** Of what a validator says of a failure. */
  failureTextMaxCharacters: 1_000,
  restartFirstDelayMs: 100,
  restartDelayMaxMs: 30_000,
  restartSteps: 6,
  restartHealthyAfterMs: 60_000,
  restartHealthyAfterTasks: 50,
  /** Of one keeper: after so many tasks, or at that age, each more or less by the jitter, it is replaced once nobody waits. */
  recycleTasks: 100_000,
  recycleAgeMs: 86_400_000,
  recycleJitter: 0.25,
  /** So much more than the cheapest one does a parked process cost when its keeper is replaced. */
  recycleGrowthBytes: 32 * MIB,
  /** Of all pools, whose keepers are replaced at once; one always may be. */
  recycledShareMax: 0.1,
  recycleLookEveryMs: 10_000,
  /** A pool without a call for so long keeps nobody waiting. */
  recycleQuietMs: 2_000,
  /** A hook, or the start of a parked process, is slow when it takes so much, and so many times the median of the latest of its
   *  kind, of which so many must be known. */
  slowMinMs: 1_000,
  slowFactor: 5,
  usualTimesMin: 8,
  usualTimesKept: 32,
  /** Handlers of one pool whose times are remembered. */
  usualHandlersMax: 64,
  /** Of one handler, or of the starts of a pool, one slow one is told so often, with the count of those between. */
  slowToldEveryMs: 60_000,
  /** So are calls of one handler that were denied something. */
  deniedToldEveryMs: 60_000,
  keeperHelloTimeoutMs: 10_000,
  /** Whether a keeper still reads is looked at so often; one that leaves a record unread for so many looks more is ended. */
  keeperLookEveryMs: 2_500,
  keeperUnreadLooksMax: 4,
  /** Records of a keeper that belong to no running task: several times what it writes under any load. */
  keeperRecordsPerSecondMax: 20_000,
  stopBudgetMs: 3_000,
  /** The pools of a new configuration must have parked their first processes by then. */
  poolsReadyTimeoutMs: 8_000,
  /** A new daemon must be ready to take over by then. */
  successorReadyTimeoutMs: 20_000,
  /** Messages that wait because the service manager's queue is full; more are dropped. */
  serviceMessagesMax: 16,
  /** Hooks of a daemon that has been replaced may end by themselves for the longest time-out agents give them. */
  replacedDrainMaxMs: 600_000,
  /** Daemons that have been replaced and still run hooks; before one of them has ended, none is started. */
  replacedDaemonsMax: 4,
  /** Earlier configurations whose calls have not ended yet. */
  leavingPoolSetsMax: 4,
  /** On stop, running hooks may end by themselves for this long. */
  drainBudgetMs: 2_000,
  /** And if told, for so long at most. */
  drainMaxMs: 600_000,
  notStartedRetriesMax: 3,
  /** Of a text that a keeper or what it started has said. */
  loggedTextMaxCharacters: 1_024,
  logBytesMax: 8 * MIB,
  /** Of lines that a slow disk has not taken; more are dropped. */
  logWaitingMaxBytes: 1 * MIB,
  /** On stop, the last lines may take so long: a disk may never take them. */
  logCloseBudgetMs: 500,
  /** Happenings that `supervisor events` can still show. */
  happeningsKeptMax: 1_000,
  /** In one reply to an operator. */
  happeningsPerReplyMax: 100,
  /** Calls that `status POOL` can still show, of each pool. */
  lastTasksKeptMax: 16,
  /** Records that wait for the writer: of calls, further ones are dropped and counted; of the daemon itself, refused. */
  recordsWaitingMax: 10_000,
  auditsWaitingMax: 1_000,
  /** Rows that are handed to the writer at once: copying them must not hold up the event loop. */
  recordsWrittenAtOnceMax: 500,
  /** A batch costs the loop a fifth of a millisecond, which one call in fifty would meet if each fifty were a batch. */
  recordsBatchEveryMs: 200,
  recordsFirstRetryMs: 1_000,
  recordsRetryMaxMs: 30_000,
  /** A writer that has not answered for so long is told as failing. */
  recordsSlowMs: 5_000,
  /** On stop, what waits may still be written for so long. */
  recordsCloseBudgetMs: 500,
  /** From being ready to the first record, which opens the database: the first calls come before it. */
  recordsOpenDelayMs: 500,
  recordsPruneEveryMs: 600_000,
  recordsDeletedAtOnceMax: 5_000,
  auditRowsMax: 10_000,
  handlersRememberedMax: 1_024,
  damagedRecordsKeptMax: 2,
  writerHeapMaxBytes: 32 * MIB,
  writerYoungMaxBytes: 4 * MIB,
  keeperLogCheckEveryMs: 1_000,
  /** What a recording keeps of one call; of longer streams the beginning. */
  recordingStdinMaxBytes: 1 * MIB,
  recordingOutputMaxBytes: MIB / 4,
  /** Looked at beyond that: a secret that lies across the end is to be known as one. */
  recordingMaskSlackBytes: 4_096,
  recordingNamesMax: 64,
  /** Of a call, beside its words and streams. */
  recordingCallBytes: 1_024,
  /** Of calls that run and calls that wait to be written; further ones are dropped and counted. */
  recordingHeldMaxBytes: 16 * MIB,
  /** Calls that the writer of a recording gets at once. */
  recordingWrittenAtOnceMax: 32,
  recordingHeapMaxBytes: 128 * MIB,
  recordingDefaultMs: 3_600_000,
  recordingMaxMs: 86_400_000,
  recordingDefaultMaxBytes: 64 * MIB,
  recordingMaxBytes: 256 * MIB,
  /** Of a recording that is read: a larger one was not written by us. */
  recordingReadMaxBytes: 256 * MIB,
  /** Older ones are removed when one begins. */
  recordingsKeptMax: 8,
  /** At the end of a recording, what waits is waited for so long. */
  recordingCloseBudgetMs: 1_000,
  /** Dropped calls are told so often, with their count. */
  recordingDropsToldEveryMs: 60_000,
  /** Tasks of validators that wait for a worker; of more, those worth least make room, or the new one is refused. */
  tasksWaitingMax: 16_384,
  /** A task that waits becomes more urgent by one priority in each such step; after the last one it is overdue. */
  taskRisesEveryMs: 1_000,
  /** Tasks that may go before the one that has been overdue longest; and how many `critical` ones may. */
  overduePassedOverMax: 4,
  overduePassedOverByCriticalMax: 16,
  /** Sessions, or validators, that have had their turn in a round and gone, and may not enter it again. */
  turnsRememberedMax: 256,
  /** What a task that finds no room is told. */
  taskRetryAfterMinMs: 50,
  taskRetryAfterMaxMs: 5_000,
  /** Tasks that one validator's batcher holds. */
  batchedTasksMax: 16_384,
  /** Of what an answer of a validator depends on, as JSON; of more nothing is kept. */
  cacheKeyMaxCharacters: 1 * MIB,
  cacheJsonDepthMax: 64,
  cacheTtlMaxMs: 86_400_000,
  /** Of one kept answer; and what each costs beside its text. */
  cacheEntryMaxBytes: 64 * 1024,
  cacheEntryOverheadBytes: 256,
  /** Computations that others may follow, and those who do; more compute for themselves. */
  flightsMax: 1_024,
  flightFollowersMax: 4_096,
  /** Of a file whose content counts. */
  declaredFileMaxBytes: 1 * MIB,
  declaredFilesKnownMax: 1_024,
  /** Looked at together, of the four threads that all of the daemon's files share; and those that wait for that. */
  declaredFilesAtOnceMax: 2,
  declaredFilesWaitingMax: 256,
  declaredFileTimeoutMs: 250,
  /** A stamp that is older changes with the file; longer where the file system may count in seconds. */
  fileSettledMs: 100,
  fileSettledCoarseMs: 2_100,
  /** Of answers in memory. */
  cacheEntriesMax: 100_000,
  cacheMaxBytes: 512 * MIB,
  /** Answers that outlive the daemon. They share the database with the records, which must not go to make room for them. */
  shelfShareMax: 1 / 8,
  answersShelvedMax: 1_000,
  answerShelvedMaxBytes: 4_096,
  /** Of one, beside its text. */
  answerRowBytes: 128,
  /** Waiting to be written; further ones are dropped. */
  answersWaitingMax: 1_000,
  validatorsForgottenMax: 64,
  shelfDelayMs: 1_000,
  /** Of a note, such as the state of the breakers. */
  noteMaxBytes: 64 * 1024,
  breakersMax: 256,
  /** Programs connected to library.sock; more are closed. */
  libraryConnectionsMax: 32,
  /** Events that one program has asked about and not been told of, and those of all; and the bytes of their requests. */
  libraryEventsPerConnectionMax: 4_096,
  libraryEventsMax: 16_384,
  libraryBytesPerConnectionMax: 16 * MIB,
  libraryBytesMax: 64 * MIB,
  /** Of one request. */
  libraryBatchMax: 256,
  /** Of one batch whose events wait for each other. */
  libraryGraphMax: 1_000,
  /** A program that takes none of its answers for so long is cut off. */
  libraryTakeTimeoutMs: 10_000,
  libraryTimeoutMaxMs: 600_000,
  /** What a program that meets one of these bounds, or the start of a new daemon, is told. */
  libraryRetryAfterMs: 50,
  /** In the program itself: requests that wait until there is room for them. */
  libraryWaitingMax: 65_536,
} as const;
