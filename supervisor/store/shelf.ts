/** The daemon's end of what answers and breakers leave for the next daemon: gathered for a moment, written by the thread of the
 *  records. Saved answers may be lost; that something was forgotten is tried again until it is written. */
import type { KeptAnswer, NoteName, Shelf, Shelved } from '../contract/caching.js';
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';
import type { ShelfChanges } from './shelf-rows.js';
import type { WriterThread } from './thread.js';
import type { WriterReply } from './writer.js';

const NOTHING: Shelved = { answers: [], notes: {} };

/** Where no records are wanted. */
export const NO_SHELF: Shelf = { load: async () => NOTHING, save() {}, forget() {}, note() {} };

export class WaitingShelf implements Shelf {
  private readonly answers = new Map<string, KeptAnswer>();
  private readonly notes = new Map<NoteName, string>();
  private readonly forgotten = new Set<string>();
  private isAllForgotten = false;
  private undoTimer: (() => void) | undefined;
  private writing: Promise<void> | undefined;
  private isOver = false;

  constructor(
    private readonly clock: Clock,
    private readonly wallMs: () => number,
    private readonly thread: Pick<WriterThread, 'shelve' | 'shelved'>,
  ) {}

  async load(): Promise<Shelved> {
    const reply = this.isOver ? undefined : await this.thread.shelved(this.wallMs());
    if (reply?.kind === 'unusable') this.stop();
    return reply?.kind === 'shelved' ? reply.shelved : NOTHING;
  }

  save(answer: KeptAnswer): void {
    if (this.isOver || this.answers.size >= LIMITS.answersWaitingMax) return;
    if (Buffer.byteLength(answer.text) > LIMITS.answerShelvedMaxBytes) return;
    this.answers.set(answer.key, answer);
    this.flushWithin(LIMITS.shelfDelayMs);
  }

  forget(validator: string | undefined): void {
    if (this.isOver) return;
    for (const [key, answer] of this.answers) {
      if (validator === undefined || answer.validator === validator) this.answers.delete(key);
    }
    this.forgetLater(validator === undefined, validator === undefined ? [] : [validator]);
    this.flushWithin(0);
  }

  note(name: NoteName, text: string): void {
    if (this.isOver || Buffer.byteLength(text) > LIMITS.noteMaxBytes) return;
    this.notes.set(name, text);
    this.flushWithin(LIMITS.shelfDelayMs);
  }

  /** Settled when what waits is written, or cannot be. */
  async drained(): Promise<void> {
    await this.writing;
    await this.flush();
    this.stop();
  }

  /** Nothing will be written any more. */
  stop(): void {
    this.isOver = true;
    this.undoTimer?.();
    this.undoTimer = undefined;
  }

  private flushWithin(delayMs: number): void {
    if (this.isOver || this.writing !== undefined) return;
    if (delayMs === 0) {
      void this.flush();
      return;
    }
    this.undoTimer ??= this.clock.after(delayMs, () => void this.flush());
  }

  private async flush(): Promise<void> {
    this.undoTimer?.();
    this.undoTimer = undefined;
    if (this.isOver || !this.isAnythingWaiting) return;
    const changes = this.take();
    this.writing = this.thread.shelve(changes, this.wallMs()).then((reply) => {
      this.writing = undefined;
      this.settle(reply, changes);
    });
    await this.writing;
  }

  private settle(reply: WriterReply, { isAllForgotten, forgotten }: ShelfChanges): void {
    if (reply.kind === 'unusable') this.stop();
    if (reply.kind === 'trouble') {
      this.forgetLater(isAllForgotten, forgotten);
      this.flushWithin(LIMITS.recordsRetryMaxMs);
    } else if (this.isAnythingWaiting) this.flushWithin(LIMITS.shelfDelayMs);
  }

  private forgetLater(isAll: boolean, names: readonly string[]): void {
    for (const name of names) this.forgotten.add(name);
    this.isAllForgotten ||= isAll || this.forgotten.size > LIMITS.validatorsForgottenMax;
    if (this.isAllForgotten) this.forgotten.clear();
  }

  private get isAnythingWaiting(): boolean {
    return this.isAllForgotten || this.forgotten.size + this.answers.size + this.notes.size > 0;
  }

  private take(): ShelfChanges {
    const { isAllForgotten, forgotten, answers, notes } = this;
    const changes = { isAllForgotten, forgotten: [...forgotten], answers: [...answers.values()], notes: [...notes] };
    this.isAllForgotten = false;
    for (const waiting of [forgotten, answers, notes]) waiting.clear();
    return changes;
  }
}
