/** Tasks in lanes: those of one lane one after the other in their order, those of several side by side up to a bound. Pure. */

export class Lanes<Task> {
  /** Of each lane, the first one is out if the lane is busy. */
  private readonly lanes = new Map<string, Task[]>();
  private readonly busy = new Set<string>();
  private readonly resting = new Set<string>();

  constructor(private readonly atOnceMax: number) {}

  add(lane: string, task: Task): void {
    const tasks = this.lanes.get(lane);
    if (tasks === undefined) this.lanes.set(lane, [task]);
    else tasks.push(task);
  }

  /** The first of a lane that is neither busy nor rests; it is busy from now on. */
  next(): { lane: string; task: Task } | undefined {
    if (this.busy.size >= this.atOnceMax) return undefined;
    for (const [lane, [task]] of this.lanes) {
      if (task === undefined || this.busy.has(lane) || this.resting.has(lane)) continue;
      this.busy.add(lane);
      return { lane, task };
    }
    return undefined;
  }

  /** The task that is out has ended. */
  ended(lane: string): void {
    this.busy.delete(lane);
    this.moveBack(lane, this.lanes.get(lane)?.slice(1) ?? []);
  }

  /** The task that is out is to be out once more, after wake(): until then it has no place among those side by side. */
  rest(lane: string): void {
    this.busy.delete(lane);
    this.resting.add(lane);
    this.moveBack(lane, this.lanes.get(lane) ?? []);
  }

  wake(lane: string): void {
    this.resting.delete(lane);
  }

  /** A lane that goes on stands behind the others. */
  private moveBack(lane: string, tasks: Task[]): void {
    this.lanes.delete(lane);
    if (tasks.length > 0) this.lanes.set(lane, tasks);
  }
}
