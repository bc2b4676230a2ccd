/** All proxies that run. */
import { dirname, join } from 'node:path';
import type { AllowList } from '../contract/allow-list.js';
import type { Confinement } from '../contract/confinement.js';
import { type Egress, type EgressOptions, startEgress } from './process.js';
import type { EgressRefusal } from './report.js';

export class Proxies {
  private readonly running = new Set<Egress>();

  constructor(
    private readonly options: Omit<EgressOptions, 'onRefusal'>,
    private readonly onRefusal: (poolId: string, refusal: EgressRefusal) => void,
  ) {}

  /** Undefined: it could not be started. */
  start(poolId: string, confinement: Confinement, { allow }: AllowList): Egress | undefined {
    const onRefusal = (refusal: EgressRefusal) => this.onRefusal(poolId, refusal);
    const egress = startEgress({ ...this.options, onRefusal }, confinement, allow);
    if (egress === undefined) return undefined;
    this.running.add(egress);
    egress.whenGone(() => this.running.delete(egress));
    return egress;
  }

  pids(): number[] {
    return [...this.running].map(({ pid }) => pid);
  }

  /** Keepers are gone, so they end by themselves; this does not wait for it. */
  async stopAll(): Promise<void> {
    await Promise.all(
      [...this.running].map((egress) => {
        egress.kill();
        return new Promise<void>((done) => egress.whenGone(done));
      }),
    );
  }
}

/** What a proxy reads beside system files: this Node with its libraries, and our code. */
export function ownReads(packageFolder: string): string[] {
  const node = [process.execPath, join(dirname(dirname(process.execPath)), 'lib')];
  return [...node, ...['package.json', 'dist', 'build/hook_supervisor.node'].map((name) => join(packageFolder, name))];
}
