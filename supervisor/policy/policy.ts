/** At which level a call runs, and with what rights: the stricter of the configuration and the client's flag. Nothing that
 *  the call brings along (its environment, files of its folder) has a say. */
import picomatch from 'picomatch';
import type { Network } from '../contract/allow-list.js';
import { type Call, type ConfinedLevel, isStricter, type Level, type Plan } from '../contract/call.js';
import type { Config, HandlerRule } from '../contract/config.js';
import type { Need } from '../contract/isolation.js';
import { calledFiles } from './called-files.js';
import { bothNames, bytesOf, type PathFacts, textOf } from './paths.js';
import { pluginFolderOf } from './plugins.js';

export interface Policy {
  level: Level;
  network: Network;
  /** Byte strings. */
  write: readonly string[];
  read: readonly string[];
  env: readonly string[];
  require: readonly Need[];
  allowDegraded: boolean;
  /** The file that decided on the level; undefined where none did. */
  file: string | undefined;
  /** What decided on the level; '' at contained by default. */
  why: string;
}

export type ConfinedPolicy = Policy & { level: ConfinedLevel };

export function isConfined(policy: Policy): policy is ConfinedPolicy {
  return policy.level !== 'contained';
}

export type PolicyConfig = Pick<Config, 'handlers' | 'pluginLevel' | 'homeFolder'>;

export type PolicyOf = (call: Call, plan: Plan) => Policy;

/** A dot means itself, and `**` also goes across a line end: a file must not escape its rule by an odd name. */
const GLOB = { dot: true, flags: 's' } as const;

export function policyMaker(config: PolicyConfig, facts: PathFacts): PolicyOf {
  const levelOf = fileLevels(config);
  const home = bytesOf(config.homeFolder);
  const strictestOf = ({ handlers, pluginLevel }: PolicyConfig): Level =>
    handlers.reduce((strictest, { level }) => (isStricter(level, strictest) ? level : strictest), pluginLevel);
  return (call, plan) => {
    const files = calledFiles(call, plan, home);
    const judged: Judged =
      files === undefined
        ? { level: strictestOf(config), rule: undefined, file: undefined, why: 'more files than are looked at' }
        : strictest(files.flatMap((file) => bothNames(file, facts)).map(levelOf));
    return merged(judged, call.level);
  };
}

export interface Judged {
  level: Level;
  rule: HandlerRule | undefined;
  file: string | undefined;
  why: string;
}

const UNKNOWN: Judged = { level: 'contained', rule: undefined, file: undefined, why: '' };

/** What the configuration says of a file. */
export function fileLevels({ handlers, pluginLevel, homeFolder }: PolicyConfig): (file: string) => Judged {
  const rules = handlers.map((rule) => ({ rule, matches: picomatch(rule.match, GLOB) }));
  const home = bytesOf(homeFolder);
  return (file) => {
    const text = textOf(file);
    const found = rules.find(({ matches }) => matches(text));
    if (found !== undefined)
      return { level: found.rule.level, rule: found.rule, file, why: `handler ${found.rule.match}` };
    if (pluginFolderOf(file, home) === undefined) return UNKNOWN;
    return { level: pluginLevel, rule: undefined, file, why: 'a file of a plugin' };
  };
}

function strictest(judged: readonly Judged[]): Judged {
  return judged.reduce((best, one) => (isStricter(one.level, best.level) ? one : best), judged[0] ?? UNKNOWN);
}

function merged({ level: configured, rule, file, why }: Judged, asked: Level | undefined): Policy {
  const isTightened = asked !== undefined && isStricter(asked, configured);
  const level = isTightened ? asked : configured;
  const byDefault: Network = level === 'untrusted' ? 'none' : 'host';
  const given = rule?.network;
  return {
    level,
    // What a rule loosens it loosens at its own level.
    network: given === 'none' || (given !== undefined && !isTightened) ? given : byDefault,
    write: (rule?.write ?? []).map(bytesOf),
    read: (rule?.read ?? []).map(bytesOf),
    env: rule?.env ?? [],
    require: rule?.require ?? [],
    allowDegraded: !isTightened && rule?.allowDegraded === true,
    file,
    why: isTightened ? '--level of the client' : why,
  };
}
