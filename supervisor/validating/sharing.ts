/** Processes that several validators share: each that is built in has a place in one of its own sandbox, with what is as a worker of
 *  its own to its crew. What becomes of the process becomes of all of them. */
import { LIMITS } from '../contract/limits.js';
import type { Question } from '../ring/resident-talk.js';
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
      silent: () => {
        for (const { events } of this.tenants) events.silent();
      },
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
    const isTold = this.worker?.load({ name, entry }, (loaded) => {
      if (!this.tenants.has(tenant)) return;
      if (loaded.kind === 'failed') {
        this.leave(tenant, { cause: 'crashed', message: loaded.message, isHopeless: true });
        return;
      }
      tenant.isReady = true;
      tenant.events.ready(loaded.isBatch);
    });
    if (isTold === false) {
      this.closed();
      this.worker?.end('kill');
    }
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
    const tenants = [...this.tenants];
    this.tenants.clear();
    this.asked.clear();
    const names = tenants.map(({ tenancy }) => tenancy.name).join(', ');
    const message = tenants.length > 1 ? `${end.message} (one process for ${names})` : end.message;
    for (const { events } of tenants) events.gone({ ...end, message });
  }
}

const LEFT: WorkerEnd = { cause: 'crashed', message: 'the process that it shared goes on without it' };

function codeOf({ entry, stamp }: Tenancy): string {
  return `${entry} ${stamp}`;
}
