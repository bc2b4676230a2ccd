/** The layers of the sandbox that this machine gives us: seen by entering them all once, in a process that is thrown away. */
import { type ConfinedLevel, LEVELS } from '../../contract/call.js';
import {
  classOfHost,
  type HostClass,
  LAYER_TEXT,
  type Layer,
  type LayerReport,
  type Need,
} from '../../contract/isolation.js';
import type { IsolationFacts } from '../../isolation/facts.js';
import { HOST_TREE_WRITABLE, isHostTreeWritable, lackingText, layersFor } from '../../isolation/levels.js';
import { layerReports } from '../../isolation/report.js';
import { type Check, fail, ok, warn } from './check.js';

const ABI_WITH_SCOPES = 6;

/** For `--json`. */
export interface IsolationReport {
  class: HostClass;
  above: { class: HostClass; lacking: Need[] } | null;
  layers: LayerReport[];
}

export function isolationReport(layers: readonly Layer[], hasCgroup: boolean, facts: IsolationFacts): IsolationReport {
  const { name, above } = classOfHost(layers, hasCgroup);
  return {
    class: name,
    above: above === undefined ? null : { class: above.name, lacking: above.lacking },
    layers: layerReports(layers, facts),
  };
}

export function isolationChecks(report: IsolationReport | undefined): Check[] {
  if (report === undefined)
    return [fail('isolation', 'supervisor-probe does not run', 'run `npm run build` in the hook-supervisor folder')];
  return [
    classCheck(report),
    ...CONFINED_LEVELS.map((level) => levelCheck(level, report.layers)),
    ...availableCheck(report.layers),
    ...missingChecks(report.layers),
  ];
}

const CONFINED_LEVELS = LEVELS.filter((level): level is ConfinedLevel => level !== 'contained');

function levelCheck(level: ConfinedLevel, layers: readonly LayerReport[]): Check {
  const { lacking, withoutProtection } = layersFor(level, 'none', layers);
  if (lacking.length > 0) {
    const remedy = [...new Set(lacking.map((layer) => layer.remedy).filter((text) => text !== ''))].join('; or ');
    const without = 'without, its hooks are refused; `"allowDegraded": true` in their handler runs them with less';
    return warn(`level ${level}`, lackingText(level, lacking), [remedy, without].filter(Boolean).join('; '));
  }
  if (isHostTreeWritable(level, layers))
    return warn(`level ${level}`, HOST_TREE_WRITABLE.reason, HOST_TREE_WRITABLE.remedy);
  if (!withoutProtection) return ok(`level ${level}`, 'this host gives what it needs');
  return ok(`level ${level}`, 'this host gives what it needs; without a mount namespace the project cannot be written');
}

function classCheck({ class: name, above }: IsolationReport): Check {
  const what = `this host is of class ${name} (A to F)`;
  if (above === null) return ok('isolation', what);
  const lacking = above.lacking.map((need) => (need === 'cgroup' ? 'cgroup v2 of our own' : LAYER_TEXT[need]));
  return ok('isolation', `${what}, for ${above.class} it lacks ${lacking.join(', ')}`);
}

function textOf({ name, level }: LayerReport): string {
  const text = LAYER_TEXT[name];
  if (name === 'landlock') {
    const gap = level < ABI_WITH_SCOPES ? ', which holds back neither signals nor abstract sockets' : '';
    return `${text} (ABI ${level}${gap})`;
  }
  return name === 'networkNamespace' && level < 2 ? `${text} (without a loopback)` : text;
}

function availableCheck(layers: readonly LayerReport[]): Check[] {
  const available = layers.filter((layer) => layer.available);
  return available.length === 0 ? [] : [ok('layers', available.map(textOf).join(', '))];
}

/** Layers that fail together stand together: one cause takes away all namespaces. Another uid is a matter of root alone, and
 *  a keyring that may not be left may not be used by a hook either. */
function missingChecks(layers: readonly LayerReport[]): Check[] {
  const missing = layers.filter(
    ({ name, available }) => !available && name !== 'otherUid' && name !== 'sessionKeyring',
  );
  return groupsByCause(missing).map((group) => {
    const names = group.map(({ name }) => LAYER_TEXT[name]).join(', ');
    return warn('layers', `not available: ${names}: ${group[0]?.why}`, group[0]?.remedy ?? '');
  });
}

function groupsByCause(layers: readonly LayerReport[]): LayerReport[][] {
  const groups = new Map<string, LayerReport[]>();
  for (const layer of layers) {
    const key = `${layer.why.replace(/^.*: /, '')}\n${layer.remedy}`;
    groups.set(key, [...(groups.get(key) ?? []), layer]);
  }
  return [...groups.values()];
}
