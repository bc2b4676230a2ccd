/** Workers of Python are forked from a zygote, where that can be: they share most of its memory. */
import type { Plan } from '../contract/call.js';
import type { Confinement } from '../contract/confinement.js';
import type { ValidatorSpec } from '../contract/validating.js';
import { confinementArgv } from '../pool/keeper-argv.js';
import type { Pool } from '../pool/pool.js';
import type { AskWay } from './process.js';

type ExecPlan = Extract<Plan, { kind: 'exec' }>;

/** That forks workers of the interpreter which a plan executes; a string says why there is none. */
export type ResidentPool = (plan: Pick<ExecPlan, 'path' | 'env'>, isConfined: boolean) => Pool | string;

export class Forks {
  /** A worker of these was gone before it was ready: the next one is executed, whatever the cause. */
  private readonly failed = new WeakSet<ValidatorSpec>();

  constructor(private readonly residentPool: ResidentPool) {}

  waysOf(spec: ValidatorSpec, plan: ExecPlan, confinement: Confinement | undefined): AskWay[] {
    if (spec.runtime !== 'python' || this.failed.has(spec) || !entersAlone(confinement)) return [];
    return [
      () => {
        const pool = this.residentPool(plan, confinement !== undefined);
        return typeof pool === 'string' ? pool : { pool, plan: forkedPlan(plan, confinement) };
      },
    ];
  }

  goneUnready(spec: ValidatorSpec): void {
    this.failed.add(spec);
  }
}

/** Protected files are held, and doors taken, by the keeper of a sandbox. */
function entersAlone(confinement: Confinement | undefined): boolean {
  return confinement === undefined || (confinement.protect.length === 0 && typeof confinement.network === 'string');
}

/** Between the worker's program and the words for it stands how it is held. */
export function forkedPlan(plan: ExecPlan, confinement: Confinement | undefined): ExecPlan {
  const [python = '', resident = '', ...words] = plan.argv;
  const held = confinement === undefined ? [] : confinementArgv(confinement);
  return { ...plan, argv: [python, resident, ...held, '--', ...words] };
}
