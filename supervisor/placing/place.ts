/** From a call to what is run and how it is held: plan, policy, layers, sandbox. Decides; starts nothing. */
import { type Call, isStricter, type Plan } from '../contract/call.js';
import type { Clock } from '../contract/clock.js';
import type { Config } from '../contract/config.js';
import type { Confinement } from '../contract/confinement.js';
import { LAYER_TEXT, type LayerReport } from '../contract/isolation.js';
import { LIMITS } from '../contract/limits.js';
import { lackingText, layersFor, unmet } from '../isolation/levels.js';
import { scriptOf } from '../policy/called-files.js';
import { proxied, scrubbed } from '../policy/environment.js';
import { guardedPlaces } from '../policy/guarded.js';
import { idempotentMaker } from '../policy/idempotent.js';
import { bytesOf, type PathFacts } from '../policy/paths.js';
import { type ConfinedPolicy, isConfined, type Policy, policyMaker } from '../policy/policy.js';
import { commonPaths, sandboxOf } from '../policy/sandbox.js';

export type Placed =
  | { kind: 'placed'; plan: Plan; confinement: Confinement | undefined; isIdempotent: boolean }
  /** It must not run with the rights of a direct run either. */
  | { kind: 'refused'; message: string }
  /** It can be told once `known` is settled. */
  | { kind: 'later'; known: Promise<void> };

export interface PlacingRooms {
  config: Pick<Config, 'handlers' | 'pluginLevel' | 'homeFolder' | 'runtimeFolder' | 'stateFolder'>;
  clock: Clock;
  plan(call: Call): Plan;
  /** What the plan has asked in vain may be found out, by running programs outside of any sandbox. */
  pursue(): void;
  /** Whatever is asked of these is remembered with the plan. */
  seen: PathFacts;
  /** And of these it is not. */
  paths: PathFacts;
  layers: { readonly known: readonly LayerReport[] | 'unusable' | undefined; ask(): Promise<void> };
  hasCgroup: boolean;
  /** Files of ours that a parked process reads. */
  workerPaths: readonly string[];
}

export interface Placing {
  place(call: Call): Placed;
  /** What does not come from a call: `plan` executes a program of `call`, held as `policy` says. */
  hold(call: Call, plan: ExecPlan, policy: Policy): Placed;
}

type ExecPlan = Extract<Plan, { kind: 'exec' }>;

export function createPlacing(rooms: PlacingRooms): Placing {
  const { config, paths } = rooms;
  const home = bytesOf(config.homeFolder);
  const own = [config.runtimeFolder, config.stateFolder].map(bytesOf);
  const workerPaths = rooms.workerPaths.map(bytesOf);
  const policyOf = policyMaker(config, paths);
  const isIdempotent = idempotentMaker(config, paths);
  const host = remembered(rooms.clock, () => ({
    guarded: guardedPlaces(home, own, paths),
    common: commonPaths(home, paths),
  }));

  return { place, hold };

  function place(call: Call): Placed {
    const plan = rooms.plan(call);
    const policy = policyOf(call, plan);
    if (isConfined(policy)) return confined(call, policy);
    const missing = unmet(policy.require, [], rooms.hasCgroup);
    if (missing.length > 0) return { kind: 'refused', message: requiredText(policy, missing) };
    rooms.pursue();
    return { kind: 'placed', plan, confinement: undefined, isIdempotent: isIdempotent(call, plan) };
  }

  function hold(call: Call, plan: ExecPlan, policy: Policy): Placed {
    if (!isConfined(policy)) {
      const missing = unmet(policy.require, [], rooms.hasCgroup);
      if (missing.length > 0) return { kind: 'refused', message: requiredText(policy, missing) };
      return { kind: 'placed', plan, confinement: undefined, isIdempotent: false };
    }
    const known = rooms.layers.known;
    if (known === undefined) return { kind: 'later', known: rooms.layers.ask() };
    const heldPlan = { ...plan, env: proxied(scrubbed(plan.env, policy.env), policy.network) };
    const confinement = confinementOf(call, heldPlan, policy, known);
    if (typeof confinement === 'string') return { kind: 'refused', message: confinement };
    return { kind: 'placed', plan: heldPlan, confinement, isIdempotent: false };
  }

  /** Planned anew: the environment that the hook gets is another. */
  function confined(call: Call, first: ConfinedPolicy): Placed {
    const known = rooms.layers.known;
    if (known === undefined) return { kind: 'later', known: rooms.layers.ask() };
    const scrubbedCall = { ...call, env: scrubbed(call.env, first.env) };
    const firstPlan = rooms.plan(scrubbedCall);
    const second = policyOf(scrubbedCall, firstPlan);
    const policy = isConfined(second) && isStricter(second.level, first.level) ? second : first;
    const env = proxied(scrubbedCall.env, policy.network);
    const heldCall = { ...scrubbedCall, env };
    const plan = env === scrubbedCall.env ? firstPlan : rooms.plan(heldCall);
    const confinement = confinementOf(heldCall, plan, policy, known);
    if (typeof confinement === 'string') return { kind: 'refused', message: confinement };
    return { kind: 'placed', plan, confinement, isIdempotent: isIdempotent(heldCall, plan) };
  }

  function confinementOf(
    call: Call,
    plan: Plan,
    policy: ConfinedPolicy,
    known: readonly LayerReport[] | 'unusable',
  ): Confinement | string {
    const { level, network } = policy;
    const because = policy.why === '' ? '' : ` (${policy.why})`;
    if (known === 'unusable')
      return `level ${level}${because}: supervisor-probe does not run, so no layer can be proved`;
    const { layers, lacking, doorLacking, withoutProtection } = layersFor(level, network, known);
    if (doorLacking.length > 0 || (lacking.length > 0 && !policy.allowDegraded))
      return `${lackingText(level, lacking)}${because}${remedyText(lacking)}`;
    const missing = unmet(policy.require, layers, rooms.hasCgroup);
    if (missing.length > 0) return requiredText(policy, missing);
    const { guarded, common } = host();
    const request = {
      ...{ level, cwd: call.cwd, home, common, own: workerPaths, read: policy.read, write: policy.write },
      scripts: [scriptOf(call, plan), policy.file].filter((file) => file !== undefined),
      programs: plan.kind === 'exec' ? [plan.path] : [plan.interpreter, plan.fallback.path],
      handlers: config.handlers.map(({ match }) => match),
      canProtect: !withoutProtection,
    };
    const sandbox = sandboxOf(request, guarded, rooms.seen);
    if ('refused' in sandbox) return `level ${level}${because}: ${sandbox.refused}`;
    const names = lacking.map(({ name }) => LAYER_TEXT[name]).join(', ');
    return {
      level,
      layers,
      network,
      ...sandbox,
      without: names === '' ? '' : `without ${names}, as its handler allows`,
    };
  }
}

function requiredText({ level, why }: Policy, missing: readonly string[]): string {
  const because = why === '' ? '' : ` (${why})`;
  return `level ${level}${because}: this host does not give ${missing.join(', ')}, which its handler requires; see supervisor doctor`;
}

function remedyText(lacking: readonly LayerReport[]): string {
  const remedy = lacking.map((one) => one.remedy).find((text) => text !== '');
  return remedy === undefined ? '; see supervisor doctor' : `; ${remedy}`;
}

/** What changes by the hands of its user only, and costs some hundred looks at files. */
function remembered<T>(clock: Clock, make: () => T): () => T {
  let value: T | undefined;
  let dueMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (value === undefined || clock.nowMs() >= dueMs) {
      value = make();
      dueMs = clock.nowMs() + LIMITS.hostPathsRememberedMs;
    }
    return value;
  };
}
