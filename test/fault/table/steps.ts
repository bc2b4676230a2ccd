/** The steps of a task's life, and how the machine is stopped at each. */
import { waitFor } from '../../lib/wait.js';
import { type CountedCall, SMALL_BYTES } from './call.js';
import type { HoldingStep } from './held-client.js';
import { hasEnded, look, stop, untilAsleep } from './parties.js';
import type { Scene } from './scene.js';

/** More than a unix socket takes unread. */
const LARGE_CALL_BYTES = 900_000;
/** More than all windows and pipes on the way to a reader. */
const LARGE_OUTPUT_BYTES = 4 * 1024 * 1024;
/** More than a socket takes, less than the windows behind it. */
const HALF_ANSWER_BYTES = 300_000;

export interface Reached {
  call: CountedCall;
  /** Stopped processes, which go on when the cell is released. */
  held: number[];
  /** Calls that are in its way, to be ended. */
  others?: CountedCall[];
  /** The hook's first process, once there is one. */
  hookPid?: number;
}

export interface Step {
  reach(scene: Scene): Promise<Reached>;
}

const active = (scene: Scene, count: number) =>
  waitFor(`${count} active calls`, async () => {
    const { calls } = await scene.daemon.status();
    return calls.active === count ? true : undefined;
  });

async function running(call: CountedCall): Promise<number> {
  return waitFor('the start of the hook', () => call.starts[0]);
}

async function unread(scene: Scene, environmentBytes: number): Promise<Reached> {
  await stop(scene.daemonPid);
  const call = scene.call({ environmentBytes });
  await untilAsleep('the client', call.pid, 'supervisor-hook');
  return { call, held: [scene.daemonPid] };
}

/** The daemon has taken the connection, and waits for what comes by it. */
async function held(scene: Scene, heldAt: HoldingStep): Promise<Reached> {
  const call = scene.call({ heldAt });
  await waitFor('the client to be held', () => (look(call.pid).state === 'T' ? true : undefined));
  await untilAsleep('the daemon', scene.daemonPid);
  return { call, held: [call.pid] };
}

async function waitingAtGate(scene: Scene, options = {}) {
  const call = scene.call(options);
  return { call, hookPid: await running(call) };
}

export const STEPS = {
  'connected, nothing sent': { reach: (scene) => held(scene, 'connected') },
  'half a header sent': { reach: (scene) => held(scene, 'headed') },
  'CALL half sent': { reach: (scene) => unread(scene, LARGE_CALL_BYTES) },
  'CALL sent': { reach: (scene) => unread(scene, 0) },
  queued: {
    async reach(scene) {
      const others = [scene.other(), scene.other()];
      for (const other of others) await running(other);
      const call = scene.call();
      await waitFor('the call to wait', async () =>
        (await scene.daemon.status()).calls.queued === 1 ? true : undefined,
      );
      return { call, held: [], others };
    },
  },
  'STARTED sent, START in the ring': {
    async reach(scene) {
      await stop(scene.keeperPid);
      const call = scene.call();
      await active(scene, 1);
      return { call, held: [scene.keeperPid] };
    },
  },
  'order unread': {
    async reach(scene) {
      const held = scene.parkedPids;
      for (const pid of held) await stop(pid);
      const call = scene.call();
      await active(scene, 1);
      await untilAsleep('the keeper', scene.keeperPid);
      return { call, held };
    },
  },
  'hook running': {
    reach: async (scene) => ({ ...(await waitingAtGate(scene)), held: [] }),
  },
  'output flowing, window full': {
    async reach(scene) {
      const { call, hookPid } = await waitingAtGate(scene, { outputBytes: LARGE_OUTPUT_BYTES, isReadLater: true });
      call.openGate();
      let before = -1;
      await waitFor('everything to be full', async () => {
        const { records } = (await scene.daemon.status()).ring;
        const isSame = records === before && records > 0;
        before = records;
        return isSame ? true : undefined;
      });
      return { call, hookPid, held: [] };
    },
  },
  'hook ended, unseen': {
    async reach(scene) {
      const { call, hookPid } = await waitingAtGate(scene);
      await stop(scene.keeperPid);
      call.openGate();
      await waitFor('the end of the hook', () => (hasEnded(hookPid) ? true : undefined));
      return { call, hookPid, held: [scene.keeperPid] };
    },
  },
  'END unread': {
    async reach(scene) {
      const { call, hookPid } = await waitingAtGate(scene);
      await stop(scene.daemonPid);
      call.openGate();
      await waitFor('the end of the hook', () => (hasEnded(hookPid) ? true : undefined));
      await untilAsleep('the keeper', scene.keeperPid);
      return { call, hookPid, held: [scene.daemonPid] };
    },
  },
  'answer half sent': {
    async reach(scene) {
      const { call, hookPid } = await waitingAtGate(scene, { outputBytes: HALF_ANSWER_BYTES });
      await stop(call.pid);
      call.openGate();
      await waitFor('the end of the hook', () => (hasEnded(hookPid) ? true : undefined));
      return { call, hookPid, held: [call.pid] };
    },
  },
  'answer sent': {
    async reach(scene) {
      const { call, hookPid } = await waitingAtGate(scene, { outputBytes: SMALL_BYTES });
      await stop(call.pid);
      call.openGate();
      await active(scene, 0);
      return { call, hookPid, held: [call.pid] };
    },
  },
} satisfies Record<string, Step>;

export type StepName = keyof typeof STEPS;
