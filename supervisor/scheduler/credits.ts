/** Admission to workers: a credit for each task that is out with one, so many of each validator and so many in all. Pure. */
import type { Priority } from '../contract/validating.js';

export interface CreditRules {
  totalMax: number;
  /** All others together may have so many fewer, so that a `critical` task starts where as many of them are out as can be. They
   *  are no credits set apart: else, among ever new `critical` tasks, no other would find one. */
  keptForCritical: number;
}

interface Account {
  max: number;
  out: number;
}

export class Credits {
  private readonly accounts = new Map<string, Account>();
  private criticalOut = 0;
  private othersOut = 0;

  constructor(private rules: CreditRules) {}

  /** So many in all from now on. What is out stays out. */
  allowInAll(totalMax: number): void {
    this.rules = { ...this.rules, totalMax };
  }

  /** How many tasks of the validator its workers take at a time; 0: it has none now. What is out stays out. */
  allow(validator: string, max: number): void {
    const account = this.accounts.get(validator) ?? { max, out: 0 };
    account.max = max;
    this.keep(validator, account);
  }

  /** The least urgent priority that gets a credit, as far as all validators together go; undefined: none does. */
  get least(): Priority | undefined {
    const { totalMax, keptForCritical } = this.rules;
    if (this.criticalOut + this.othersOut >= totalMax) return undefined;
    return this.othersOut < totalMax - keptForCritical ? 'idle' : 'critical';
  }

  /** Whether the validator itself has one left. */
  has(validator: string): boolean {
    const account = this.accounts.get(validator);
    return account !== undefined && account.out < account.max;
  }

  /** False, and nothing is taken: there is none. */
  take(validator: string, priority: Priority): boolean {
    const account = this.accounts.get(validator);
    const { least } = this;
    if (account === undefined || account.out >= account.max) return false;
    if (least === undefined || (least === 'critical' && priority !== 'critical')) return false;
    account.out++;
    this.count(priority, 1);
    return true;
  }

  giveBack(validator: string, priority: Priority): void {
    const account = this.accounts.get(validator);
    if (account === undefined || account.out === 0) throw new Error(`${validator} gives back more than it has taken`);
    account.out--;
    this.count(priority, -1);
    this.keep(validator, account);
  }

  private count(priority: Priority, change: number): void {
    if (priority === 'critical') this.criticalOut += change;
    else this.othersOut += change;
  }

  private keep(validator: string, account: Account): void {
    if (account.max === 0 && account.out === 0) this.accounts.delete(validator);
    else this.accounts.set(validator, account);
  }
}
