/** What the probe has found, in words: of each layer whether it is there, why not, and what would help. */
import { getSystemErrorMap } from 'node:util';
import type { Layer, LayerReport } from '../contract/isolation.js';
import { STAGE_TEXT } from '../contract/stage.js';
import type { IsolationFacts } from './facts.js';
import { remedyOf } from './remedies.js';

export function layerReports(layers: readonly Layer[], facts: IsolationFacts): LayerReport[] {
  return layers.map((layer) => ({
    name: layer.name,
    available: layer.level > 0,
    level: layer.level,
    why: whyOf(layer),
    remedy: layer.level > 0 ? '' : remedyOf(layer, facts),
  }));
}

function whyOf({ level, stage, errnum }: Layer): string {
  const [name, text] = getSystemErrorMap().get(-errnum) ?? [];
  const step = STAGE_TEXT[stage] ?? 'the probe did not get that far';
  if (stage === 0 && level > 0) return '';
  return name === undefined ? `${step}: it does not` : `${step}: ${text} (${name})`;
}
