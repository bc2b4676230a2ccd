/** How many events wait for validators, and their bytes: bounded for all of them together, and so that one of which nothing goes out
 *  (its breaker is open for hours) leaves room for the others. */

interface Amount {
  tasks: number;
  bytes: number;
}

/** One may hold so many times what stays free: alone three quarters of all. */
const OF_FREE_MAX = 3;

export class LaterRoom {
  private readonly all: Amount = { tasks: 0, bytes: 0 };
  private readonly byValidator = new Map<string, Amount>();

  constructor(private readonly max: Readonly<Amount>) {}

  tasksOf(validator: string): number {
    return this.byValidator.get(validator)?.tasks ?? 0;
  }

  hasFor(validator: string, bytes: number): boolean {
    const held = this.byValidator.get(validator);
    const fits = (own: number, all: number, max: number) => own <= OF_FREE_MAX * (max - all);
    return (
      fits((held?.tasks ?? 0) + 1, this.all.tasks + 1, this.max.tasks) &&
      fits((held?.bytes ?? 0) + bytes, this.all.bytes + bytes, this.max.bytes)
    );
  }

  add(validator: string, bytes: number): void {
    const held = this.byValidator.get(validator) ?? { tasks: 0, bytes: 0 };
    this.byValidator.set(validator, held);
    for (const amount of [held, this.all]) {
      amount.tasks++;
      amount.bytes += bytes;
    }
  }

  remove(validator: string, bytes: number): void {
    const held = this.byValidator.get(validator);
    if (held === undefined) return;
    for (const amount of [held, this.all]) {
      amount.tasks--;
      amount.bytes -= bytes;
    }
    if (held.tasks === 0) this.byValidator.delete(validator);
  }
}
