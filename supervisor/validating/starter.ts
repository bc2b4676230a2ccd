/** Starts resident workers: program, sandbox, process, and the way to talk to it. */
import { closeSync, constants, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Call, Plan } from '../contract/call.js';
import type { Clock } from '../contract/clock.js';
import type { Config } from '../contract/config.js';
import type { Confinement } from '../contract/confinement.js';
import type { ValidatorSpec } from '../contract/validating.js';
import type { Native } from '../native.js';
import type { Placing } from '../placing/place.js';
import type { Policy } from '../policy/policy.js';
import type { Pool } from '../pool/pool.js';
import type { Question } from '../ring/resident-talk.js';
import { stampOf } from './code.js';
import { Forks, type ResidentPool } from './forks.js';
import { type AskWay, ResidentProcess } from './process.js';
import { type Program, type Programs, programOf } from './program.js';
import { Sharing } from './sharing.js';
import { type StartProcess, talkByLines, talkByRing } from './talk.js';
import type { StartWorker, Worker, WorkerEnd, WorkerEvents } from './worker.js';

export interface StarterRooms extends Programs {
  native: Native;
  clock: Clock;
  /** In force now. */
  config(): Config;
  hold: Placing['hold'];
  execPool(confinement: Confinement | undefined): Pool | string;
  residentPool: ResidentPool;
  nextCallId(): number;
  /** What a process of ours inherits. */
  inherited: Buffer;
  env: NodeJS.ProcessEnv;
}

/** What is run, and how it is held. */
interface PlacedExec {
  call: Call;
  plan: Extract<Plan, { kind: 'exec' }>;
  confinement: Confinement | undefined;
}

/** Not among the constants of Node. */
const O_PATH = 0o10000000;

/** Of rings: no two workers of this daemon have the same. */
let lastGeneration = 0;
const nextGeneration = () => ++lastGeneration;

export function residentStarter(rooms: StarterRooms): StartWorker {
  const among = { forks: new Forks(rooms.residentPool), sharing: new Sharing() };
  return (spec, events) => new Starting(spec, events, rooms, among);
}

/** A worker from its first moment on: what is done to it before its process is there is kept for it. */
class Starting implements Worker {
  private talk: Worker | undefined;
  private isEnded = false;
  /** Whatever comes first, its turn to begin or to be told: it does not begin any more. */
  private isUnwanted = false;

  constructor(
    spec: ValidatorSpec,
    private readonly events: WorkerEvents,
    private readonly rooms: StarterRooms,
    private readonly among: { forks: Forks; sharing: Sharing },
  ) {
    // Whoever starts it gets its hands on it before it hears of it.
    queueMicrotask(() => this.attempt(() => this.place(spec, false)));
  }

  get pid(): number | undefined {
    return this.talk?.pid;
  }

  ask(question: Question): number | 'tooLong' | undefined {
    return this.talk?.ask(question);
  }

  forget(askId: number, deadlineAtMs: number): void {
    this.talk?.forget(askId, deadlineAtMs);
  }

  heldUpBy(): string | undefined {
    return this.talk?.heldUpBy?.();
  }

  end(how: 'drain' | 'kill'): void {
    this.isUnwanted = true;
    if (this.talk !== undefined) this.talk.end(how);
    // Not in the midst of what whoever ends it is doing.
    else if (!this.isEnded) queueMicrotask(() => this.refuse('it was ended before it had begun'));
  }

  /** @param isLast what was waited for is there, or never will be. */
  private place(spec: ValidatorSpec, isLast: boolean): void {
    if (this.isUnwanted) return;
    const { rooms } = this;
    const program = programOf(spec, rooms);
    if (program === undefined && !isLast) {
      this.placeAfter(rooms.pythonKnown(), spec);
      return;
    }
    if (typeof program !== 'object') {
      this.refuse(program ?? 'no Python was found');
      return;
    }
    const folder = dirname(program.entry);
    const call = callOf(rooms, folder);
    const plan = {
      ...({ kind: 'exec', path: bytesOf(program.path), argv: program.argv.map(bytesOf), env: call.env } as const),
      ...{ reason: '', throughShell: false },
    };
    const placed = rooms.hold(call, plan, policyOf(spec, program));
    if (placed.kind === 'refused') this.refuse(placed.message);
    else if (placed.kind === 'later') this.placeAfter(placed.known, spec);
    else if (placed.plan.kind !== 'exec') this.refuse('it is no program that could be run');
    else this.begin(spec, program, { call, plan: placed.plan, confinement: placed.confinement });
  }

  private placeAfter(known: Promise<unknown>, spec: ValidatorSpec): void {
    const again = () => this.attempt(() => this.place(spec, true));
    void known.then(again, again);
  }

  /** A mistake of ours with one worker is not to end the daemon, nor to leave anyone waiting for it. */
  private attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (this.talk === undefined) this.refuse(`it could not be started: ${(error as Error).message}`);
      else this.talk.end('kill');
    }
  }

  private begin(spec: ValidatorSpec, { entry, isShared }: Program, placed: PlacedExec): void {
    const { native, clock, execPool } = this.rooms;
    const { forks, sharing } = this.among;
    const executed: AskWay = () => {
      const pool = execPool(placed.confinement);
      return typeof pool === 'string' ? pool : { pool, plan: placed.plan };
    };
    const forked = forks.waysOf(spec, placed.plan, placed.confinement);
    const opened = <Talk>(by: (start: StartProcess) => Talk | string) => this.opened(placed, [...forked, executed], by);
    const byRing = (events: WorkerEvents) =>
      opened((start) => talkByRing(events, start, { native, clock, generation: nextGeneration() }));
    let talk: Worker | string;
    if (isShared) {
      const pool = execPool(placed.confinement);
      const tenancy = { name: spec.name, entry, stamp: stampOf(statSync(entry, { bigint: true })) };
      const enter = (pool: Pool) => sharing.enter(tenancy, { pool, rights: rightsOf(spec) }, this.events, byRing);
      talk = typeof pool === 'string' ? pool : enter(pool);
    } else if (spec.runtime === 'exec') {
      talk = opened((start) => talkByLines(this.events, start));
    } else if (forked.length > 0) {
      talk = byRing(whereGoneUnready(this.events, () => forks.goneUnready(spec)));
    } else talk = byRing(this.events);
    if (typeof talk === 'string') this.refuse(talk);
    else this.talk = talk;
  }

  private opened<Talk>(placed: PlacedExec, ways: readonly AskWay[], by: (start: StartProcess) => Talk | string) {
    const { clock, config } = this.rooms;
    const cwdFd = openFolder(placed.call.cwd);
    if (typeof cwdFd === 'string') return cwdFd;
    const around = { clock, config: config(), closeFd: closeSync };
    const talk = by(
      (its, words, peerEnds) => new ResidentProcess({ ...placed.call, cwdFd }, { ways, words, peerEnds }, around, its),
    );
    if (typeof talk === 'string') closeSync(cwdFd);
    return talk;
  }

  /** Once. */
  private refuse(message: string): void {
    if (this.isEnded || this.talk !== undefined) return;
    this.isEnded = true;
    const end: WorkerEnd = { cause: 'refused', message };
    this.events.gone(end);
  }
}

/** @param then a worker that was never ready is gone. */
function whereGoneUnready(events: WorkerEvents, then: () => void): WorkerEvents {
  let isReady = false;
  return {
    ...events,
    ready(takesBatches) {
      isReady = true;
      events.ready(takesBatches);
    },
    gone(end) {
      if (!isReady && end.cause !== 'refused') then();
      events.gone(end);
    },
  };
}

/** @param folder a byte string. A string says why not. */
function openFolder(folder: string): number | string {
  try {
    return openSync(Buffer.from(folder, 'latin1'), O_PATH | constants.O_DIRECTORY);
  } catch (error) {
    return `its folder cannot be entered: ${(error as NodeJS.ErrnoException).code}`;
  }
}

/** What of a call a program needs that no client has asked for. */
function callOf({ clock, nextCallId, inherited, env }: StarterRooms, folder: string): Call {
  const nothing = Buffer.alloc(0);
  const told = Object.entries(env).map(([name, value]) => bytesOf(`${name}=${value}`));
  return {
    ...{ id: nextCallId(), raw: nothing, argv: [], env: told, cwd: bytesOf(folder), cwdFd: -1 },
    ...{ isEvent: false, shellText: false, mergedOutput: false, explain: false, blocking: false },
    ...{ level: undefined, timeoutMs: 0, readersGone: 0, inherited, stdin: nothing, stdinComplete: false },
    receivedAtMs: clock.nowMs(),
    clientPid: 0,
  };
}

function policyOf(spec: ValidatorSpec, { code, reads }: Program): Policy {
  const { level, env, require, allowDegraded, name } = spec;
  return {
    ...{ level, env, require, allowDegraded, file: bytesOf(code), why: `validator ${name}` },
    network: spec.network ?? (level === 'untrusted' ? 'none' : 'host'),
    write: spec.write.map(bytesOf),
    read: [...reads, ...spec.read].map(bytesOf),
  };
}

/** What its process may, as it is declared: none may have the rights of another. */
function rightsOf({ level, network, read, write, env, require, allowDegraded }: ValidatorSpec): string {
  return JSON.stringify([level, network ?? null, read, write, env, require, allowDegraded]);
}

function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
