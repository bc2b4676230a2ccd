/** Validators: their rooms put together, for the configuration in force. */
import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { Breakers } from '../breaker/breakers.js';
import { AnswerCache } from '../cache/cache.js';
import { FileDigests } from '../cache/file-digests.js';
import { BREAKER_DEFAULTS } from '../contract/breaking.js';
import type { CacheStats, Shelf } from '../contract/caching.js';
import type { Call } from '../contract/call.js';
import type { Clock } from '../contract/clock.js';
import type { EventHookStatus } from '../contract/event-hooks.js';
import type { Tell } from '../contract/happening.js';
import type { TaskShelf } from '../contract/later.js';
import { LIMITS } from '../contract/limits.js';
import type { EndedEvent } from '../contract/records.js';
import type { AgentEvent, EventsStatus, ValidatorOutcome, ValidatorStatus } from '../contract/validating.js';
import { ownInherited } from '../intake/inherited.js';
import type { Caller } from '../intake/intake.js';
import type { Native } from '../native.js';
import { statOf } from '../process-stat.js';
import { Analysers } from '../validating/after/analysers.js';
import { LaterWords } from '../validating/after/words.js';
import { createAnswering } from '../validating/answering.js';
import { Asker } from '../validating/asker.js';
import { heldText } from '../validating/end-text.js';
import { EventCounters } from '../validating/event-counters.js';
import { EventHook } from '../validating/event-hooks.js';
import type { Judged, Judging } from '../validating/judging.js';
import { createEventPath } from '../validating/path/event-path.js';
import { ProjectFolders } from '../validating/path/project-folders.js';
import { Sessions } from '../validating/path/sessions.js';
import { residentStarter } from '../validating/starter.js';
import { validatorStatus } from '../validating/status.js';
import type { Validator } from '../validating/validator.js';
import { Validators } from '../validating/validators.js';
import type { WorkerEnd } from '../validating/worker.js';
import type { Generation } from './generation.js';
import { ownEvents } from './own-events.js';
import { pythonFinder } from './python-finder.js';
import { pythonOnPath } from './python-on-path.js';
import { sameFolder } from './same-folder.js';
import { stageWatch } from './stage-watch.js';

export interface ValidatingRooms {
  native: Native;
  clock: Clock;
  /** Since 1970. */
  wallMs(): number;
  packageFolder: string;
  generation(): Generation;
  shelf: Shelf;
  tasks: TaskShelf;
  nextCallId(): number;
  /** A call as any other. */
  run(call: Call, caller: Caller): void;
  isStopping(): boolean;
  /** Of all pools. */
  keepers(): readonly { pid: number }[];
  tell: Tell;
  note(text: string): void;
  /** An event is over. */
  recordEvent(record: EndedEvent): void;
}

export interface ValidatingLoad {
  tasks: number;
  longestWaitMs: number;
  asked: number;
  failed: number;
}

export interface Validating {
  take(call: Call, caller: Caller): void;
  /** The daemon serves: what an earlier one has kept is read, where there are validators. It opens the database. */
  ready(): void;
  judge(event: AgentEvent, judging: Judging): Promise<Judged>;
  names(): readonly string[];
  /** Another configuration is in force. Workers of pools that go with the old one go, too. */
  renew(replacesPools: boolean): void;
  /** Events that are being answered. */
  readonly running: number;
  status(): ValidatorStatus[];
  hooks(): EventHookStatus[];
  events(): EventsStatus;
  /** What waits for workers, and how many questions there were, and failed, since the start. */
  load(): ValidatingLoad;
  cacheStats(): CacheStats;
  /** @returns how many answers there were. */
  clearCache(validator?: string): number;
  /** A successor asks what is asked after answers from here on. */
  handOver(): void;
  /** It may have left more of that since it handed over. */
  predecessorEnded(): void;
  /** Its workers end, so that their pools can. */
  retire(): void;
}

export function openValidating(rooms: ValidatingRooms): Validating {
  const { clock, wallMs, packageFolder, generation, shelf, tell } = rooms;
  const breakers = new Breakers(BREAKER_DEFAULTS, ({ name, to, about }) => {
    tell({ kind: 'breaker', about: `validator ${name}: ${to}: ${about}` });
    shelf.note('breakers', breakers.snapshot(clock.nowMs(), wallMs()));
  });
  const cache = new AnswerCache(
    { clock, wallMs, files: new FileDigests(clock, wallMs), shelf },
    generation().config.cache,
  );
  const lost = ({ message }: Error) => rooms.note(`what the last daemon kept of validators is lost: ${message}`);
  let isRestored = false;
  const restore = async () => {
    if (isRestored || validators.all.length === 0) return;
    isRestored = true;
    try {
      const { answers, notes } = await shelf.load();
      cache.restore(answers);
      if (notes.breakers !== undefined) breakers.restore(notes.breakers, clock.nowMs(), wallMs());
      await analysers.restore();
    } catch (error) {
      lost(error as Error);
    }
  };
  const asker = new Asker({ clock, tasksAtOnce: generation().config.validatorTasksAtOnce });
  const startWorker = residentStarter({
    ...{ packageFolder, node: process.execPath, native: rooms.native, clock, nextCallId: rooms.nextCallId },
    ...{ inherited: ownInherited(), env: process.env },
    ...pythonFinder(clock, () => pythonOnPath(process.env)),
    config: () => generation().config,
    hold: (...held) => generation().hold(...held),
    execPool: (confinement) => generation().execPool(confinement),
    residentPool: (plan, isConfined) => generation().residentPool(plan, isConfined),
  });
  const events = {
    changed: asker.changed.bind(asker),
    died: ({ spec }: { spec: { name: string } }, { message }: { message: string }, restartInMs: number) =>
      tell({ kind: 'validatorDied', about: `validator ${spec.name}: ${message}`, inputs: { restartInMs } }),
    held: ({ spec }: { spec: { name: string } }, end: WorkerEnd, holdMs: number) =>
      tell({ kind: 'quarantined', about: `validator ${spec.name}: ${heldText(end)}`, inputs: { holdMs } }),
  };
  const codeChanged = (name: string) => breakers.reset(name, 'its code has changed');
  const crewRooms = { clock, random: Math.random, startWorker, wallMs, packageFolder, events, codeChanged };
  let validators = Validators.of(generation().config, crewRooms);
  let judged = 0;
  let hooks = EventHook.allOf(generation().config, []);
  const { isStopping, note, native, run, nextCallId } = rooms;
  const counters = new EventCounters();
  const ended = (record: EndedEvent) => {
    counters.add(record);
    rooms.recordEvent(record);
  };
  const words = new LaterWords(clock);
  const answered = (validator: Validator, outcome: ValidatorOutcome, source: 'cache' | 'worker') =>
    validator.count(outcome, source);
  const analysers = new Analysers({
    ...{ clock, wallMs, daemon: randomUUID(), shelf: rooms.tasks, words, asker, breakers, answered, tell },
    validator: (name) => validators.laterOf(name),
    record: rooms.recordEvent,
  });
  const path = createEventPath({
    ...{ clock, asker, cache, breakers, ended, analysers, words, answered },
    validators: () => validators,
    projects: new ProjectFolders({ clock, exists, homes: [homedir()] }),
    sessions: new Sessions(),
    soon: setImmediate,
    troubled: stageWatch(tell, clock),
  });
  const answering = createAnswering({
    ...{ clock, path, isStopping, closeFd: native.closeFd, note, ended, run, nextCallId, sameFolder },
    validators: () => validators,
    hooks: () => hooks,
    later: (event, context) => words.add(event, context),
    ...ownEvents({ clock, tell, keepers: rooms.keepers, parentage: statOf }),
  });
  return {
    take: answering.take,
    ready: () => void clock.after(LIMITS.recordsOpenDelayMs, () => void restore()),
    async judge(event, how) {
      judged++;
      try {
        const end = await path.take({ event }, how, clock.nowMs());
        if (end.kind === 'failed') throw end.error;
        if (end.kind === 'unread') throw new Error('it was read before');
        return end.judged;
      } finally {
        judged--;
      }
    },
    names: () => validators.all.map(({ spec }) => spec.name),
    renew(replacesPools) {
      if (replacesPools) validators.renew();
      const { config } = generation();
      validators = Validators.of(config, crewRooms, validators);
      hooks = EventHook.allOf(config, hooks);
      cache.bound(config.cache);
      asker.adjust(config.validatorTasksAtOnce);
      void restore();
    },
    get running() {
      return answering.running + judged;
    },
    status() {
      const phases = new Map(breakers.list(clock.nowMs()).map((one) => [one.name, one]));
      return validators.all.map((one) =>
        validatorStatus(one, phases.get(one.spec.name), (name) => analysers.status(name)),
      );
    },
    hooks: () => hooks.map((one) => one.status()),
    events: () => ({ ...counters.snapshot(), stages: path.counts() }),
    load() {
      const { tasks, longestWaitMs } = asker.load;
      const sum = (of: 'asked' | 'failed') => validators.all.reduce((all, { counts }) => all + counts[of], 0);
      return { tasks, longestWaitMs, asked: sum('asked'), failed: sum('failed') };
    },
    cacheStats: () => cache.stats(),
    clearCache: (validator) => cache.clear(validator),
    handOver: () => analysers.stop(),
    predecessorEnded: () => void analysers.restore().catch(lost),
    retire() {
      analysers.stop();
      validators.retire();
    },
  };
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
