/** The bounds of the stages that an event passes, of its records, and of what is asked about it after its answer; part of `limits.ts`. */

export const EVENT_LIMITS = {
  /** From the event to its verdict, whatever its validators are given; those have deadlines of their own. */
  eventJudgedMaxMs: 86_400_000,
  /** Of an event's folder, until validators are asked without its project. One look at a time: on a file system that hangs it
   *  holds one of the four threads that all files of the daemon share. */
  projectLookTimeoutMs: 100,
  projectLooksWaitingMax: 64,
  /** So long a folder's project is taken for known; looked for again beside the events; and asked for before the next. */
  projectFreshMs: 1_000,
  projectStaleMs: 10_000,
  projectsKnownMax: 256,
  /** Sessions of which something is remembered, and of each the last decisions. */
  sessionsKnownMax: 256,
  sessionDecisionsMax: 4,
  /** Parents of a client that are looked at where its event is for hooks. */
  ancestorLooksMax: 256,
  /** Processes of which it is remembered that they are none of ours; more than one client may have above it. */
  elsewhereKnownMax: 512,
  /** Events that wait for validators that are asked after the answer, of all together, and their bytes; more are dropped and told, as
   *  is what one validator would hold beyond three times of what stays free.
   *  The writer's thread, which has little memory, handles all of them at once when they are found again. */
  laterTasksMax: 1_000,
  laterBytesMax: 4 * 1024 * 1024,
  /** Asked at a time; of one session and validator one after the other. */
  laterAtOnceMax: 8,
  /** An answer waits so long for the disk to have the task. */
  laterWrittenMaxMs: 1_000,
  laterTriesMax: 3,
  /** Before the next try, times the number of tries. */
  laterRetryMs: 1_000,
  /** One that is done is taken off the disk within that time: it may be asked once more where the daemon dies in it. */
  laterRemovedWithinMs: 200,
  /** Of one that a daemon finds. */
  laterAgeMaxMs: 86_400_000,
  laterToldEveryMs: 60_000,
  /** What they have said, until an event of the session comes that can tell it. */
  laterWordsAgeMaxMs: 600_000,
  laterWordsPerSessionMax: 8,
  laterWordsMaxCharacters: 16_384,
  laterWordsSessionsMax: 256,
  /** Trouble with one stage of events, and with events that come from inside a hook, is told so often, with its count. */
  stageToldEveryMs: 60_000,
  /** Records of events of one second, of denies and of all others; more are told together, by what is equal in them. */
  eventRecordsPerSecondMax: 256,
  eventRecordsFoldedMax: 64,
  eventWordMaxCharacters: 128,
} as const;
