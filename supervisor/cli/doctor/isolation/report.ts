/** The layers of the sandbox that this machine gives us: seen by entering them all once, in a process that is thrown away. */
import { getSystemErrorMap } from 'node:util';
import { execa } from 'execa';
import {
  classOfHost,
  type HostClass,
  LAYER_TEXT,
  type Layer,
  type LayerName,
  type Need,
  parseLayers,
} from '../../../contract/isolation.js';
import { STAGE_TEXT } from '../../../contract/stage.js';
import type { PackageFiles } from '../../context.js';
import { type Check, fail, ok, warn } from '../check.js';
import type { IsolationFacts } from './facts.js';
import { remedyOf } from './remedies.js';

const PROBE_TIMEOUT_MS = 5_000;
const ABI_WITH_SCOPES = 6;

export interface LayerReport {
  name: LayerName;
  available: boolean;
  level: number;
  /** '' where it is available in full. */
  why: string;
  remedy: string;
}

/** For `--json`. */
export interface IsolationReport {
  class: HostClass;
  above: { class: HostClass; lacking: Need[] } | null;
  layers: LayerReport[];
}

/** Undefined: supervisor-probe does not run. */
export async function probeLayers(files: PackageFiles): Promise<Layer[] | undefined> {
  const { failed, stdout } = await execa(files.probe, [], { reject: false, timeout: PROBE_TIMEOUT_MS });
  return failed ? undefined : parseLayers(stdout);
}

export function isolationReport(layers: readonly Layer[], hasCgroup: boolean, facts: IsolationFacts): IsolationReport {
  const { name, above } = classOfHost(layers, hasCgroup);
  return {
    class: name,
    above: above === undefined ? null : { class: above.name, lacking: above.lacking },
    layers: layers.map((layer) => ({
      name: layer.name,
      available: layer.level > 0,
      level: layer.level,
      why: whyOf(layer),
      remedy: layer.level > 0 ? '' : remedyOf(layer, facts),
    })),
  };
}

function whyOf({ level, stage, errnum }: Layer): string {
  const [name, text] = getSystemErrorMap().get(-errnum) ?? [];
  const step = STAGE_TEXT[stage] ?? 'the probe did not get that far';
  if (stage === 0 && level > 0) return '';
  return name === undefined ? `${step}: it does not` : `${step}: ${text} (${name})`;
}

export function isolationChecks(report: IsolationReport | undefined): Check[] {
  if (report === undefined)
    return [fail('isolation', 'supervisor-probe does not run', 'run `npm run build` in the hook-supervisor folder')];
  return [classCheck(report), ...availableCheck(report.layers), ...missingChecks(report.layers)];
}

const TODAY = 'the levels that use the layers below are still to come: calls run `contained`';

function classCheck({ class: name, above }: IsolationReport): Check {
  const what = `this host is of class ${name} (A to F)`;
  if (above === null) return ok('isolation', `${what}; ${TODAY}`);
  const lacking = above.lacking.map((need) => (need === 'cgroup' ? 'cgroup v2 of our own' : LAYER_TEXT[need]));
  return ok('isolation', `${what}, for ${above.class} it lacks ${lacking.join(', ')}; ${TODAY}`);
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
