/** The stages of an event: parse, enrich, validate, record. Each is a row; what they do is elsewhere. */
import { type Known, parseEvent } from '../../agents/events/parse.js';
import { abilitiesAt } from '../../agents/events/rules.js';
import type { Clock } from '../../contract/clock.js';
import type { ConfigProblem } from '../../contract/config.js';
import { LIMITS } from '../../contract/limits.js';
import type { EndedEvent } from '../../contract/records.js';
import type { StageCounts } from '../../contract/stages.js';
import type { AgentEvent, SessionFacts } from '../../contract/validating.js';
import { type Failure, type Part, Pipeline, type Stage } from '../../scheduler/pipeline.js';
import type { Accepted, Analysers } from '../after/analysers.js';
import type { LaterWords } from '../after/words.js';
import { NOTHING_KNOWN } from '../context.js';
import { recordOfEvent } from '../event-record.js';
import { type Judged, type Judging, type JudgingRooms, judge } from '../judging.js';
import type { Validator } from '../validator.js';
import type { ProjectFolders } from './project-folders.js';
import type { Sessions } from './sessions.js';

/** Either it has been read, or it is as it has come. */
export type Coming = { event: AgentEvent } | { bytes: Buffer; known: Known };

export type PathEnd =
  | {
      kind: 'judged';
      event: AgentEvent;
      judged: Judged;
      /** Words of earlier events are among what is to be told, so it is more than the opinions. */
      hasEarlierWords: boolean;
    }
  | { kind: 'unread'; problem: ConfigProblem }
  /** By a mistake of ours it was not judged. Without an event: it was not even read. */
  | { kind: 'failed'; event: AgentEvent | undefined; error: Error };

export interface PathRooms extends JudgingRooms {
  clock: Clock;
  projects: Pick<ProjectFolders, 'of'>;
  sessions: Pick<Sessions, 'of' | 'ended'>;
  analysers: Pick<Analysers, 'accept'>;
  words: Pick<LaterWords, 'take'>;
  troubled(failure: Failure): void;
  /** Calls back once all that follows from what is known now is done. */
  soon(callback: () => void): void;
  /** Of each event, once its answer has been told. */
  ended(record: EndedEvent): void;
}

export interface EventPath {
  /** @param sinceMs when it came, by the clock. */
  take(coming: Coming, judging: Judging, sinceMs: number): Promise<PathEnd>;
  counts(): StageCounts[];
}

interface Run {
  coming: Coming;
  event: AgentEvent | undefined;
  problem: ConfigProblem | undefined;
  judging: Judging;
  projectFolder: string;
  session: SessionFacts;
  judged: Judged | undefined;
  /** Who is asked after the answer. */
  later: readonly Validator[];
  accepted: Accepted | undefined;
  /** As it stood when it was told. */
  end: Pick<EndedEvent, 'outcome' | 'totalMs'>;
}

export function createEventPath(rooms: PathRooms): EventPath {
  const { clock, projects, sessions } = rooms;
  const atOnceMax = LIMITS.eventsRunningMax + LIMITS.libraryEventsMax;
  const bounds = { timeoutMs: LIMITS.eventJudgedMaxMs, atOnceMax };
  const hasEvent = ({ event }: Run) => event !== undefined;

  const parse: Part<Run> = {
    ...{ name: 'event', ...bounds, isWanted: (run) => !hasEvent(run) },
    run(run) {
      if (!('bytes' in run.coming)) return undefined;
      const parsed = parseEvent(run.coming.bytes, run.coming.known);
      if (parsed.ok) run.event = parsed.event;
      else run.problem = parsed.problem;
      return undefined;
    },
  };
  const project: Part<Run> = {
    ...{ name: 'project', ...bounds, timeoutMs: LIMITS.projectLookTimeoutMs },
    isWanted: ({ event }) => event !== undefined && event.cwd !== '' && rooms.validators().all.length > 0,
    run(run) {
      const found = projects.of(run.event?.cwd ?? '');
      const take = (folder: string) => () => {
        run.projectFolder = folder;
      };
      return typeof found === 'string' ? take(found) : found.then(take);
    },
    fallback() {}, // without a project: validators are told ''
  };
  const session: Part<Run> = {
    ...{ name: 'session', ...bounds, isWanted: ({ event }) => event !== undefined && event.sessionId !== '' },
    run(run) {
      if (run.event !== undefined) run.session = sessions.of(run.event);
      return undefined;
    },
  };
  const validate: Part<Run> = {
    ...{ name: 'verdict', ...bounds, isWanted: hasEvent },
    async run(run) {
      const { event, judging, projectFolder, session } = run as Run & { event: AgentEvent };
      const judged = await judge(event, { ...judging, known: { projectFolder, session } }, rooms);
      return () => {
        run.judged = judged;
      };
    },
  };
  const keep: Part<Run> = {
    ...{ name: 'later', ...bounds, timeoutMs: LIMITS.laterWrittenMaxMs },
    isWanted: ({ event }) => event !== undefined && rooms.validators().hasLater,
    run(run) {
      const { event, judging, projectFolder, session } = run as Run & { event: AgentEvent };
      const { only } = judging;
      run.later = rooms
        .validators()
        .laterOn(event)
        .filter(({ spec }) => only?.includes(spec.name) ?? true);
      if (run.later.length === 0) return undefined;
      run.accepted = rooms.analysers.accept(event, { projectFolder, session }, run.later);
      return run.accepted.written.then(() => undefined);
    },
    fallback() {}, // the disk is slow: the answer goes out, the stage tells of it
  };
  const record: Part<Run> = {
    ...{ name: 'record', ...bounds, isWanted: () => true },
    run({ event, judged, later, end }) {
      const names = later.map(({ spec }) => spec.name);
      rooms.ended(recordOfEvent(event, judged, end, names));
      return undefined;
    },
  };
  const stages: readonly Stage<Run>[] = [
    { name: 'parse', parts: [parse], isOptional: false, isAlways: false, isAfterwards: false },
    { name: 'enrich', parts: [project, session], isOptional: true, isAlways: false, isAfterwards: false },
    { name: 'validate', parts: [validate, keep], isOptional: false, isAlways: false, isAfterwards: false },
    { name: 'record', parts: [record], isOptional: true, isAlways: true, isAfterwards: true },
  ];
  const pipeline = new Pipeline(stages, { clock, runsMax: atOnceMax, soon: rooms.soon, troubled: rooms.troubled });

  /** What was said of earlier events, where it can be told. */
  function withWords(event: AgentEvent, judged: Judged, { coming, judging }: Run): PathEnd {
    const canTell = 'event' in coming || abilitiesAt(event).hasContext;
    const words = canTell && !judging.signal.aborted ? rooms.words.take(event) : [];
    const end = { kind: 'judged' as const, event, hasEarlierWords: words.length > 0 };
    if (words.length === 0) return { ...end, judged };
    const contexts = [...judged.merged.contexts, ...words];
    return { ...end, judged: { ...judged, merged: { ...judged.merged, contexts } } };
  }

  return {
    async take(coming, judging, sinceMs) {
      const event = 'event' in coming ? coming.event : undefined;
      const nothing = { problem: undefined, judged: undefined, later: [], accepted: undefined };
      const notEnded = { outcome: 'crashed' as const, totalMs: 0 };
      const run: Run = { coming, event, judging, ...NOTHING_KNOWN, ...nothing, end: notEnded };
      const end = await pipeline.run(run);
      const ended = run.judged === undefined ? 'crashed' : 'answered';
      run.end = { outcome: judging.signal.aborted ? 'cancelled' : ended, totalMs: clock.nowMs() - sinceMs };
      // Not with the record: whoever asks on once it is told is quicker than what comes afterwards.
      if (run.event !== undefined) sessions.ended(run.event, run.judged?.merged.decision);
      run.accepted?.begin();
      if (run.problem !== undefined) return { kind: 'unread', problem: run.problem };
      if (run.event !== undefined && run.judged !== undefined) {
        return withWords(run.event, run.judged, run);
      }
      const error = end.kind === 'failed' ? (end.error ?? new Error(`${end.part}: ${end.trouble}`)) : undefined;
      return { kind: 'failed', event: run.event, error: error ?? new Error('no room') };
    },
    counts: () => pipeline.counts(),
  };
}
