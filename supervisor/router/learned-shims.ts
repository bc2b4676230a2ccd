/** What shims become, learned by following them beside the calls. A shim's answer is believed for the same argv, folder and
 *  whole environment, while every file it has asked for is as it was, absent ones too. */
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import type { Clock } from '../contract/clock.js';
import { type Lookups, stampAt } from './lookups.js';
import type { Execution, Trace } from './trace.js';

interface Learned {
  end: Execution | string;
  stamps: ReadonlyMap<string, string>;
  /** Believed until then, on the daemon's clock. */
  untilMs: number;
}

const LEARNED_MAX = 64;
const SEEN_ONCE_MAX = 256;
const WAITING_MAX = 16;
/** Beyond this a call would spend longer on looking at files than is gained; the switchboard keeps no more either. */
const STAMPS_MAX = 400;
const TRIES_MAX = 3;
/** What could not be seen on a busy machine, or while the tool was being upgraded, can be seen later. */
const UNSEEN_RETRY_MS = 60_000;
/** Kernel and C library, not the shim's choice: the process itself, shared objects, locales, time zones. */
const NOT_ITS_CHOICE =
  /^\/(?:proc|sys)\/|^\/dev\/[^/]*$|\.so(?:\.[\d.]+)?$|^\/etc\/ld\.so\.|^\/usr\/(?:share|lib)\/(?:locale|zoneinfo)(?:\/|$)/;

export class LearnedShims {
  private readonly learned = new Map<string, Learned>();
  private readonly seenOnce = new Set<string>();
  private readonly waiting = new Set<string>();
  private isStopped = false;
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly lookups: Lookups,
    private readonly trace: (shim: Execution, cwd: string) => Promise<Trace | undefined>,
    /** Plans made until now may be others. */
    private readonly onLearned: () => void,
    private readonly clock: Clock,
    /** Takes what starts to follow a shim, see questions.ts. */
    private readonly put: (find: () => void) => void,
  ) {}

  /** @return a string says why it is not known, or not yet. */
  ask(shim: Execution, cwd: string): Execution | string {
    const key = keyOf(shim, cwd);
    const known = this.learned.get(key);
    if (known !== undefined && this.holds(known)) {
      if (known.untilMs !== Number.POSITIVE_INFINITY) this.lookups.doNotKeep();
      return known.end;
    }
    // A call that is like no other, time and again, would have its shim run three times for one.
    if (known === undefined && !this.seenOnce.has(key)) {
      addBounded(this.seenOnce, key);
      this.lookups.doNotKeep();
      return 'a shim that was not called like this before';
    }
    this.learned.delete(key);
    this.put(() => this.learn(key, shim, cwd));
    return 'it is not known yet what this shim does';
  }

  /** Nothing is learned any more. */
  stop(): void {
    this.isStopped = true;
    this.waiting.clear();
  }

  /** Settles when nothing is being learned. */
  async settled(): Promise<void> {
    while (this.waiting.size > 0) await this.work;
  }

  private holds({ stamps, untilMs }: Learned): boolean {
    if (this.clock.nowMs() >= untilMs) return false;
    for (const [path, stamp] of stamps) if (this.lookups.note(path, stamp.startsWith('l:')) !== stamp) return false;
    return true;
  }

  private learn(key: string, shim: Execution, cwd: string): void {
    if (this.waiting.has(key)) return;
    if (this.waiting.size >= WAITING_MAX) {
      this.lookups.doNotKeep();
      return;
    }
    this.waiting.add(key);
    this.work = this.work.then(async () => {
      if (this.isStopped) return;
      let learned: Learned | undefined;
      for (let tries = 0; learned === undefined && tries < TRIES_MAX && !this.isStopped; tries++)
        learned = await this.follow(shim, cwd);
      if (this.learned.size >= LEARNED_MAX) this.learned.delete(this.learned.keys().next().value ?? '');
      this.learned.set(key, learned ?? this.unseen());
      this.waiting.delete(key);
      this.onLearned();
    });
  }

  private unseen(): Learned {
    const untilMs = this.clock.nowMs() + UNSEEN_RETRY_MS;
    return { end: 'it could not be seen what this shim does', stamps: new Map(), untilMs };
  }

  /** Twice: the stamps are taken in between, so what the second run has read is no older than they are; and a shim that
   *  says something else each time is found out. undefined: not to be seen this time. */
  private async follow(shim: Execution, cwd: string): Promise<Learned | undefined> {
    const first = await this.trace(shim, cwd);
    if (first === undefined) return undefined;
    const stamps = stampsOf(first);
    const untilMs = Number.POSITIVE_INFINITY;
    if (stamps.size > STAMPS_MAX) return { end: 'this shim looks at too many files', stamps: new Map(), untilMs };
    const second = await this.trace(shim, cwd);
    if (second === undefined || !isWithin(second.paths, first.paths) || !isWithin(second.listings, first.listings))
      return undefined;
    if (typeof first.end === 'string') return { end: `this shim: ${first.end}`, stamps, untilMs };
    const isSame = JSON.stringify(first.end) === JSON.stringify(second.end);
    return isSame ? { end: first.end, stamps, untilMs } : undefined;
  }
}

function keyOf({ path, argv, env }: Execution, cwd: string): string {
  const strings = [path, cwd, String(argv.length), ...argv, ...env];
  return createHash('sha256').update(strings.join('\0'), 'latin1').digest('base64');
}

function stampsOf({ paths, listings }: Trace): Map<string, string> {
  const stamps = new Map<string, string>();
  for (const path of paths) if (!NOT_ITS_CHOICE.test(path)) stamps.set(path, stampAt(path, false));
  for (const path of listings) if (!NOT_ITS_CHOICE.test(path)) stamps.set(path, stampAt(path, true));
  for (const path of [...stamps.keys()]) dropImplied(path, stamps);
  return stamps;
}

/** What is below a folder that is not there is not there either; a folder is the same as long as what is in it is. */
function dropImplied(path: string, stamps: Map<string, string>): void {
  const stamp = stamps.get(path);
  for (let folder = dirname(path); folder.length > 1; folder = dirname(folder)) {
    if (stamp === '' && stamps.get(folder) === '') stamps.delete(path);
    if (stamp !== '' && stamps.get(folder)?.startsWith('d:')) stamps.delete(folder);
  }
}

function isWithin(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((one) => all.has(one) || NOT_ITS_CHOICE.test(one));
}

function addBounded(set: Set<string>, one: string): void {
  set.add(one);
  if (set.size > SEEN_ONCE_MAX) set.delete(set.values().next().value ?? '');
}
