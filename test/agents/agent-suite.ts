/** The tests of one agent: each case with the hooks as they are, and wrapped by `supervisor install`. */
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it, type TestOptions } from 'vitest';
import { CASES, type Case, type Decision, FILES, NOTES_FILE, RAN_FILE, TOOL } from './cases.js';
import type { AgentClient } from './clients/client.js';
import { itEndsWhatItLeaves } from './endings.js';
import { AgentWorld, type SessionEnd } from './world.js';

const TURNS = [{ command: TOOL }, { text: 'done' }];

/** Seconds on a quiet machine. */
const CASE_TIMEOUT_MS = 120_000;

type AgentFile = { file: string } | { reason: string };

/** The agent's file; skips where it is not here, or more than loopback could be reached. */
function foundAgent(name: AgentClient['name']): { file: string; options: TestOptions } {
  const found = JSON.parse(process.env.HS_TEST_AGENTS ?? '{}') as Record<string, AgentFile | undefined>;
  const agent = found[name] ?? { reason: 'run by: node test/run.mjs agents' };
  const isAlone = Object.keys(networkInterfaces()).join() === 'lo';
  const reason = 'reason' in agent ? agent.reason : isAlone ? '' : 'no network namespace of its own';
  return { file: 'file' in agent ? agent.file : '', options: { skip: reason !== '', meta: { skipReason: reason } } };
}

interface CaseRun extends SessionEnd {
  decision: Decision;
  notes: string;
  left: string[];
}

async function run(world: AgentWorld): Promise<CaseRun> {
  const session = world.begin(TURNS);
  const end = await session.end;
  const decision = (world.written(RAN_FILE).trim() || 'denied') as Decision;
  // First, for it waits for what hooks have left in the background.
  const left = await world.left(session.nonce);
  return { ...end, decision, left, notes: world.written(NOTES_FILE) };
}

export function describeAgent(
  client: AgentClient,
  programOf: (file: string) => readonly string[],
  more: (worldOf: () => AgentWorld) => void = () => {},
): void {
  const { file, options } = foundAgent(client.name);
  describe(client.name, { ...options, timeout: CASE_TIMEOUT_MS }, () => {
    let world: AgentWorld;
    beforeAll(async () => {
      world = await AgentWorld.start(client, programOf(file));
    });
    afterAll(async () => {
      expect(await world?.close(), 'left behind').toEqual([]);
    });

    it.each(CASES.map((one): [string, Case] => [one.name, one]))('%s: the same, wrapped', async (_name, one) => {
      world.wants(one.hooks(client.says, client.project.inCommand), FILES);
      const before = world.hookFileText();
      const direct = await run(world);
      expect(direct).toMatchObject({
        decision: typeof one.decision === 'string' ? one.decision : one.decision[client.name],
        left: [],
      });
      if (one.told !== undefined) expect(direct.talks).toContain(one.told);
      world.install();
      const calls = (await world.daemon.status()).calls.total;
      expect(await run(world)).toEqual(direct);
      expect((await world.daemon.status()).calls.total, 'calls of the daemon').toBeGreaterThan(calls);
      world.uninstall();
      expect(world.hookFileText()).toBe(before);
    });

    itEndsWhatItLeaves(client, () => world);
    more(() => world);
  });
}
