/** Who makes room in a full queue: a task of the lowest declared priority that there is, however long it has waited; of those, one
 *  of the session and validator that hold most of them, so that neither a session that floods nor a validator that hangs takes
 *  the places of others; of these, the one with the latest deadline. Never a `critical` one. */
import { CRITICAL, type Entry, isDueBefore, RANKS, type Rank, type ReadyTask } from './entry.js';
import { type Place, PlacedHeap } from './heap.js';

interface Holding<Task extends ReadyTask> {
  latestFirst: PlacedHeap<Entry<Task>>;
  place: Place<Holding<Task>> | undefined;
}

interface Sized {
  latestFirst: { readonly size: number };
}

interface Class<Task extends ReadyTask> {
  holdings: Map<string, Holding<Task>>;
  largestFirst: PlacedHeap<Holding<Task>>;
}

export class Worth<Task extends ReadyTask> {
  private readonly classes = RANKS.map(
    (): Class<Task> => ({ holdings: new Map(), largestFirst: new PlacedHeap<Holding<Task>>(isLarger) }),
  );

  add(entry: Entry<Task>): void {
    const { holdings, largestFirst } = this.classOf(entry.rank);
    const key = holderOf(entry.task);
    const holding = holdings.get(key) ?? { latestFirst: new PlacedHeap<Entry<Task>>(isDueAfter), place: undefined };
    entry.inWorth = holding.latestFirst.add(entry);
    if (holding.place === undefined) {
      holdings.set(key, holding);
      holding.place = largestFirst.add(holding);
    } else largestFirst.moved(holding.place);
  }

  remove(entry: Entry<Task>): void {
    const { holdings, largestFirst } = this.classOf(entry.rank);
    const key = holderOf(entry.task);
    const holding = holdings.get(key);
    if (holding?.place === undefined || entry.inWorth === undefined) return;
    holding.latestFirst.remove(entry.inWorth);
    if (holding.latestFirst.size > 0) largestFirst.moved(holding.place);
    else {
      largestFirst.remove(holding.place);
      holdings.delete(key);
    }
  }

  /** Undefined: none may go for this one. */
  leastWorth(task: ReadyTask, rank: Rank): Entry<Task> | undefined {
    for (let lowest = RANKS.length - 1; lowest > CRITICAL && lowest >= rank; lowest--) {
      const { holdings, largestFirst } = this.classOf(lowest);
      const largest = largestFirst.first?.latestFirst;
      if (largest === undefined) continue;
      if (lowest > rank) return largest.first;
      const own = holdings.get(holderOf(task))?.latestFirst.size ?? 0;
      return largest.size > own + 1 ? largest.first : undefined; // else they would take each other's place by turns
    }
    return undefined;
  }

  private classOf(rank: Rank): Class<Task> {
    const found = this.classes[rank];
    if (found === undefined) throw new RangeError(`no priority has the rank ${rank}`);
    return found;
  }
}

function holderOf({ validator, sessionId }: ReadyTask): string {
  return `${validator}\n${sessionId}`;
}

function isDueAfter(a: Entry<ReadyTask>, b: Entry<ReadyTask>): boolean {
  return isDueBefore(b, a);
}

function isLarger(a: Sized, b: Sized): boolean {
  return a.latestFirst.size > b.latestFirst.size;
}
