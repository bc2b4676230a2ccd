/** Processes that several validators share: each that is built in has a place in one of its own sandbox, with what is as a worker of
 *  its own to its crew. The end of the process is that of all of them, and held against those whose doing it is. */
import { LIMITS } from '../contract/limits.js';
import type { Question } from '../ring/resident-talk.js';
import { guiltyOf, type Turn } from './blame.js';
import type { SharedWorker, Worker, WorkerEnd, WorkerEvents } from './worker.js';

/** Validators with the same pool and rights may be in one process. */
export interface Home {
  pool: object;
  rights: string;
}

export interface Tenancy {
  name: string;
  /** Absolute path of its module. */
  entry: string;
  /** Of that file: code that was loaded stays, so another needs another process. */
  stamp: string;
}

/** A string says why there can be none. */
export type StartShared = (events: WorkerEvents) => SharedWorker | string;

export class Sharing {
  private readonly processes = new Set<SharedProcess>();

  /** Its worker in the first process that has room for it; where there is none, in a new one. A validator has one place in each: its
   *  second worker is another process. */
  enter(tenancy: Tenancy, home: Home, events: WorkerEvents, start: StartShared): Worker | string {
    for (const one of this.processes) if (one.takes(tenancy, home)) return one.enter(tenancy, events);
    const made = new SharedProcess(home, () => this.processes.delete(made));
    this.processes.add(made);
    const tenant = made.enter(tenancy, events);
    const refused = made.begin(start);
    return refused ?? tenant;
  }
}

class Tenant implements Worker {
  isReady = false;
  /** By which the process says that it is its turn; 0: it does not know of it yet. */
  number = 0;

  constructor(
    readonly tenancy: Tenancy,
    readonly events: WorkerEvents,
    private readonly process: SharedProcess,
  ) {}

  get pid(): number | undefined {
    return this.process.pid;
  }

  ask(question: Question): number | 'tooLong' | undefined {
    return this.process.ask(this, question);
  }

  forget(askId: number, deadlineAtMs: number): void {
    this.process.forget(askId, deadlineAtMs);
  }

  heldUpBy(): string | undefined {
    return this.process.heldUpBy(this);
  }

  end(how: 'drain' | 'kill'): void {
    this.process.endOf(this, how);
  }
}

class SharedProcess {
  private worker: SharedWorker | undefined;
  private isReady = false;
  private readonly tenants = new Set<Tenant>();
  /** What it has loaded since it runs, or is to load: entry and stamp by name. */
  private readonly loaded = new Map<string, string>();
  /** Whose question it is. */
  private readonly asked = new Map<number, Tenant>();
  private lastNumber = 0;
  /** Known before its end, where that is ours to bring about. */
  private guilty: ReadonlySet<Tenant> | undefined;

  /** @param closed it takes nobody any more. */
  constructor(
    private readonly home: Home,
    private readonly closed: () => void,
  ) {}

  get pid(): number | undefined {
    return this.worker?.pid;
  }

  takes(tenancy: Tenancy, { pool, rights }: Home): boolean {
    if (pool !== this.home.pool || rights !== this.home.rights) return false;
    for (const one of this.tenants) if (one.tenancy.name === tenancy.name) return false;
    const known = this.loaded.get(tenancy.name);
    return known === undefined ? this.loaded.size < LIMITS.validatorsPerWorkerMax : known === codeOf(tenancy);
  }

  enter(tenancy: Tenancy, events: WorkerEvents): Tenant {
    const tenant = new Tenant(tenancy, events, this);
    this.tenants.add(tenant);
    this.loaded.set(tenancy.name, codeOf(tenancy));
    if (this.isReady) this.load(tenant);
    return tenant;
  }

  /** @returns why it could not be started. */
  begin(start: StartShared): string | undefined {
    const started = start({
      ready: () => {
        this.isReady = true;
        for (const tenant of this.tenants) this.load(tenant);
      },
      answered: (askId, answers) => {
        const tenant = this.asked.get(askId);
        this.asked.delete(askId);
        tenant?.events.answered(askId, answers);
      },
      silent: () => this.silent(),
      gone: (end) => this.gone(end),
    });
    if (typeof started !== 'string') {
      this.worker = started;
      return undefined;
    }
    this.closed();
    return started;
  }

  ask(tenant: Tenant, question: Question): number | 'tooLong' | undefined {
    const asked = this.worker?.ask(question);
    if (typeof asked === 'number') this.asked.set(asked, tenant);
    return asked;
  }

  forget(askId: number, deadlineAtMs: number): void {
    this.asked.delete(askId);
    this.worker?.forget(askId, deadlineAtMs);
  }

  heldUpBy(tenant: Tenant): string | undefined {
    const turn = this.turn();
    if (turn === tenant || turn === undefined) return undefined;
    return turn === 'left' ? ONE_THAT_LEFT : turn.tenancy.name;
  }

  /** One that is to be killed takes the process along, unless it has not begun: then it is no concern of the others. */
  endOf(tenant: Tenant, how: 'drain' | 'kill'): void {
    // Whoever comes next shares neither a death that is under way nor what was stuck here.
    if (how === 'kill') this.closed();
    if (how === 'kill' && tenant.isReady) this.worker?.end('kill');
    // Not in the midst of what whoever ends it is doing.
    else queueMicrotask(() => this.leave(tenant, LEFT));
  }

  private load(tenant: Tenant): void {
    const { name, entry } = tenant.tenancy;
    const number = this.worker?.load({ name, entry }, (loaded) => {
      if (!this.tenants.has(tenant)) return;
      if (loaded.kind === 'failed') {
        this.leave(tenant, { cause: 'crashed', message: loaded.message, isHopeless: true });
        return;
      }
      tenant.isReady = true;
      tenant.events.ready(loaded.isBatch);
    });
    if (number === undefined) {
      this.closed();
      this.worker?.end('kill');
      return;
    }
    tenant.number = number;
    this.lastNumber = number;
  }

  /** As the process says, which runs our own code only. */
  private turn(): Turn<Tenant> {
    const number = this.worker?.turn() ?? 0;
    for (const tenant of this.tenants) if (number > 0 && tenant.number === number) return tenant;
    return number > 0 && number <= this.lastNumber ? 'left' : undefined;
  }

  private suspects(): ReadonlySet<Tenant> {
    const loading = [...this.tenants].filter(({ isReady, number }) => number > 0 && !isReady);
    return guiltyOf(this.turn(), new Set([...loading, ...this.asked.values()]), this.tenants);
  }

  private silent(): void {
    this.closed();
    this.guilty = this.suspects();
    for (const { events } of this.guilty) events.silent();
    this.worker?.end('kill');
  }

  private leave(tenant: Tenant, end: WorkerEnd): void {
    if (!this.tenants.delete(tenant)) return;
    if (this.tenants.size === 0) {
      this.closed();
      this.worker?.end(this.isReady ? 'drain' : 'kill');
    }
    tenant.events.gone(end);
  }

  private gone(end: WorkerEnd): void {
    this.closed();
    const guilty = this.guilty ?? this.suspects();
    const tenants = [...this.tenants];
    this.tenants.clear();
    this.asked.clear();
    const all = namesOf(tenants);
    const message = tenants.length > 1 ? `${end.message} (one process for ${all})` : end.message;
    const whose = guilty.size > 0 ? namesOf(guilty) : ONE_THAT_LEFT;
    const anothers = `${whose}, with which it shared its process, took it along: ${end.message}`;
    for (const tenant of tenants) {
      if (guilty.has(tenant) || end.isAnothers === true) tenant.events.gone({ ...end, message });
      else tenant.events.gone({ cause: 'refused', message: anothers, isAnothers: true });
    }
  }
}

const LEFT: WorkerEnd = { cause: 'crashed', message: 'the process that it shared goes on without it' };

const ONE_THAT_LEFT = 'one that has left';

function namesOf(tenants: Iterable<Tenant>): string {
  return [...tenants].map(({ tenancy }) => tenancy.name).join(', ');
}

function codeOf({ entry, stamp }: Tenancy): string {
  return `${entry} ${stamp}`;
}
