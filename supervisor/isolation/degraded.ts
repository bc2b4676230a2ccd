/** What `status` says of levels that are not all they could be here. */
import { type ConfinedLevel, LEVELS } from '../contract/call.js';
import { LAYER_TEXT, type LayerReport, LEVEL_TAKES } from '../contract/isolation.js';
import type { Degraded } from '../contract/status.js';
import { HOST_TREE_WRITABLE, isHostTreeWritable, lackingText, layersFor } from './levels.js';

/** Layers whose absence takes nothing away: a keyring that may not be left may not be used by a hook either. */
const NO_LOSS: readonly string[] = ['sessionKeyring'];

export function levelsDegraded(reports: readonly LayerReport[]): Degraded[] {
  return LEVELS.filter((level): level is ConfinedLevel => level !== 'contained').flatMap((level) => {
    const { lacking, withoutProtection } = layersFor(level, 'none', reports);
    const isTaken = ({ name }: LayerReport) => LEVEL_TAKES.includes(name) && !NO_LOSS.includes(name);
    const missing = lacking.length > 0 ? lacking : reports.filter((one) => !one.available && isTaken(one));
    if (missing.length === 0 && isHostTreeWritable(level, reports))
      return [{ layer: `level ${level}`, ...HOST_TREE_WRITABLE }];
    if (missing.length === 0) return [];
    const names = missing.map(({ name }) => LAYER_TEXT[name]).join(', ');
    const reason = lacking.length > 0 ? lackingText(level, lacking) : `it is entered without ${names}`;
    const readOnly = withoutProtection && level === 'restricted' ? '; the project cannot be written' : '';
    const remedy = missing.map((one) => one.remedy).find((text) => text !== '') ?? '';
    return [{ layer: `level ${level}`, reason: `${reason}${readOnly}`, remedy }];
  });
}
