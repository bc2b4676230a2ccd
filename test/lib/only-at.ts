/** Options of a test that needs a level above `contained`: skipped, with the layers that this host lacks. */
import type { TestOptions } from 'vitest';
import { packageFiles } from '../../supervisor/cli/context.js';
import type { ConfinedLevel } from '../../supervisor/contract/call.js';
import { isolationFacts } from '../../supervisor/isolation/facts.js';
import { lackingText, layersFor } from '../../supervisor/isolation/levels.js';
import { probeLayers } from '../../supervisor/isolation/probe.js';
import { layerReports } from '../../supervisor/isolation/report.js';

const layers = layerReports((await probeLayers(packageFiles().probe)) ?? [], isolationFacts(''));

export function onlyAt(level: ConfinedLevel): TestOptions {
  const { lacking } = layersFor(level, 'none', layers);
  return { skip: lacking.length > 0 || layers.length === 0, meta: { skipReason: lackingText(level, lacking) } };
}
