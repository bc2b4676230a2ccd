/** The layers that this host gives, asked for once, when the first call needs them. */
import type { Clock } from '../contract/clock.js';
import type { Layer, LayerReport } from '../contract/isolation.js';
import { LIMITS } from '../contract/limits.js';
import type { IsolationFacts } from './facts.js';
import { layerReports } from './report.js';

export class HostLayers {
  private reports: LayerReport[] | undefined;
  private asking: Promise<void> | undefined;
  private failedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly probe: () => Promise<Layer[] | undefined>,
    private readonly facts: () => IsolationFacts,
    private readonly clock: Clock,
  ) {}

  /** 'unusable': the probe did not run, and is not tried again for a while. undefined: not known before `ask` is done. */
  get known(): readonly LayerReport[] | 'unusable' | undefined {
    const isFailed = this.clock.nowMs() < this.failedAtMs + LIMITS.probeRetryMs;
    return this.reports ?? (isFailed ? 'unusable' : undefined);
  }

  ask(): Promise<void> {
    this.asking ??= this.probe().then((layers) => {
      this.asking = undefined;
      if (layers === undefined) this.failedAtMs = this.clock.nowMs();
      else this.reports = layerReports(layers, this.facts());
    });
    return this.asking;
  }
}
