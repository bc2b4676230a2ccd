/** The tasks of one urgency: validators take turns, in each of them sessions, and of one session the earliest deadline is first. */
import { type Entry, isDueBefore, type ReadyTask } from './entry.js';
import { PlacedHeap } from './heap.js';
import { type Headed, Turns } from './turns.js';

class SessionTasks<Task extends ReadyTask> implements Headed<Task> {
  private readonly byDeadline = new PlacedHeap<Entry<Task>>(isDueBefore);

  get head(): Entry<Task> | undefined {
    return this.byDeadline.first;
  }

  add(entry: Entry<Task>): void {
    entry.inSession = this.byDeadline.add(entry);
  }

  remove(entry: Entry<Task>): void {
    if (entry.inSession !== undefined) this.byDeadline.remove(entry.inSession);
    entry.inSession = undefined;
  }
}

type Sessions<Task extends ReadyTask> = Turns<Task, SessionTasks<Task>>;

export class Level<Task extends ReadyTask> implements Headed<Task> {
  private readonly validators: Turns<Task, Sessions<Task>>;

  /** @param held validators that are passed over. */
  constructor(held: ReadonlySet<string>) {
    this.validators = new Turns(() => new Turns(() => new SessionTasks<Task>()), held);
  }

  get head(): Entry<Task> | undefined {
    return this.validators.head;
  }

  add(entry: Entry<Task>): void {
    const { validator, sessionId } = entry.task;
    const sessions = this.validators.childFor(validator);
    sessions.childFor(sessionId).add(entry);
    sessions.changed(sessionId);
    this.validators.changed(validator);
  }

  /** @param wasItsTurn its session and its validator have had theirs with it. */
  remove(entry: Entry<Task>, wasItsTurn: boolean): void {
    const { validator, sessionId } = entry.task;
    const sessions = this.validators.childOf(validator);
    if (sessions === undefined) return;
    sessions.childOf(sessionId)?.remove(entry);
    if (wasItsTurn) {
      sessions.served(sessionId);
      this.validators.served(validator);
    }
    sessions.changed(sessionId);
    this.validators.changed(validator);
  }

  /** The validator is held now, or no longer. */
  heldChanged(validator: string): void {
    this.validators.changed(validator);
  }
}
