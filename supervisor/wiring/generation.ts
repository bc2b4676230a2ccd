/** What follows from one configuration: how calls are placed, and which pools serve them. Made anew by each reload. */
import { join } from 'node:path';
import type { Clock } from '../contract/clock.js';
import type { Config } from '../contract/config.js';
import { confinementKey } from '../contract/confinement.js';
import type { HostLayers } from '../isolation/host-layers.js';
import { createPlacing, type Placing } from '../placing/place.js';
import type { WayRooms } from '../placing/way.js';
import { boundedText } from '../policy/bounded-text.js';
import type { PathFacts } from '../policy/paths.js';
import type { Pools } from '../pool/pools.js';
import { execSpec, nodeSpecMaker, pythonSpecMaker, residentSpecMaker } from '../pool/specs.js';
import { DRAINED } from '../pool/target.js';
import type { hostFacts } from '../router/facts.js';
import { createFileFacts, type FileLookup } from '../router/file-facts.js';
import { nodePoolKey } from '../router/node-key.js';
import { plan as planCall } from '../router/plan.js';
import { poolKey, startEnvironment } from '../router/python-key.js';
import { poolName } from '../router/start-key.js';
import type { StarterRooms } from '../validating/starter.js';

export interface Generation extends Omit<WayRooms, 'wasDeclined'>, Placing {
  readonly config: Readonly<Config>;
  residentPool: StarterRooms['residentPool'];
}

export interface GenerationRooms {
  packageFolder: string;
  clock: Clock;
  facts: ReturnType<typeof hostFacts>;
  hostLayers: HostLayers;
  hasCgroup: boolean;
  /** Those in force now. */
  pools(): Pools;
}

export function makeGeneration(config: Readonly<Config>, rooms: GenerationRooms): Generation {
  const { packageFolder, clock, facts, pools } = rooms;
  const workerFolder = (runtime: string) => join(packageFolder, 'dist', 'workers', runtime);
  const warm = {
    python: { isOn: config.pythonWarm, key: poolKey, spec: pythonSpecMaker(config, workerFolder('python')) },
    node: { isOn: config.parked.node.max > 0, key: nodePoolKey, spec: nodeSpecMaker(config, workerFolder('node')) },
  };
  const residentSpec = residentSpecMaker(config, workerFolder('python'));
  const placing = createPlacing({
    config,
    clock,
    plan: (call) => planCall(call, facts),
    pursue: facts.pursue,
    seen: pathFacts(facts.lookups.look),
    paths: pathFacts(createFileFacts()),
    layers: rooms.hostLayers,
    hasCgroup: rooms.hasCgroup,
    workerPaths: [workerFolder('node'), join(packageFolder, 'build', 'park.node')],
  });
  return {
    config,
    place(call) {
      facts.begin();
      return placing.place(call);
    },
    hold: placing.hold,
    execPool(confinement) {
      if (confinement === undefined) return pools().exec.target.isDrained ? DRAINED : pools().forAnyCommand();
      const id = poolName('exec', [confinementKey(confinement)]);
      return pools().forKey(id, () => execSpec(config, id, confinement), true);
    },
    residentPool({ path, env }, isConfined) {
      if (!config.pythonWarm) return 'warm processes of python are switched off';
      const startEnv = startEnvironment(env);
      if ('unsupported' in startEnv) return startEnv.unsupported;
      // What lies in the home starts with no interpreter whose memory comes into a sandbox: one that is executed there does not
      // see it.
      const flags = isConfined ? ['-s'] : [];
      const start = { runtime: 'python', interpreter: path, flags, startEnv } as const;
      const id = poolName('python', ['residents', poolKey(start, { file: createFileFacts() })]);
      return pools().forKey(id, () => residentSpec(id, path, flags, startEnv), false);
    },
    warmPool(plan, confinement) {
      const { isOn, key, spec } = warm[plan.runtime];
      if (!isOn) return `warm processes of ${plan.runtime} are switched off`;
      const ofInterpreter = key(plan, facts);
      const id =
        confinement === undefined
          ? ofInterpreter
          : poolName(plan.runtime, [ofInterpreter, confinementKey(confinement)]);
      return pools().forKey(id, () => spec(id, plan, confinement), false);
    },
  };
}

function pathFacts(look: FileLookup): PathFacts {
  return {
    kind: (path) => look(path)?.kind,
    realPath: (path) => look(path)?.realPath || undefined,
    text: (path) => (look(path)?.kind === 'file' ? boundedText(path) : undefined),
  };
}
