/** `supervisor drain`, `scale` and `kick`: what an operator does to one pool. */
import { shownName } from '../contract/pool-place.js';
import { ExitCode, type PoolStatus } from '../contract/status.js';
import type { VerbWords } from '../control/client.js';
import { type Asked, Daemon } from './ask-daemon.js';
import { type Context, tellProblem } from './context.js';
import { splitTarget } from './pool-name.js';

export function drain(context: Context, pool: string, { undo = false }: { undo?: boolean }): Promise<number> {
  return act(context, 'drain', pool, { undo });
}

export function scale(context: Context, pool: string, parked: number): Promise<number> {
  return act(context, 'scale', pool, { parked });
}

export function kick(context: Context, target: string, { force = false }: { force?: boolean }): Promise<number> {
  const { pool, worker } = splitTarget(target);
  return act(context, 'kick', pool, { force }, worker);
}

async function act(
  context: Context,
  verb: 'drain' | 'scale' | 'kick',
  word: string,
  words: VerbWords,
  workerWord?: string,
): Promise<number> {
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  const pool = await daemon.value.pool(word);
  if (!pool.ok) return pool.exitCode;
  const worker = workerWord === undefined ? undefined : workerMeant(context, pool.value.status, workerWord);
  if (worker?.ok === false) return worker.exitCode;
  const asked = await daemon.value.ask(verb, { ...words, pool: pool.value.name, worker: worker?.value });
  if (!asked.ok) return asked.exitCode;
  context.err(`supervisor: ${asked.value.done ?? 'done'}\n`);
  return ExitCode.OK;
}

/** The number of a slot, `zygote`, or the pid of either; undefined for the keeper. */
export function workerMeant(context: Context, pool: PoolStatus, word: string): Asked<string | undefined> {
  const { workers, keeperPid } = pool;
  if (word === 'keeper' || word === String(keeperPid)) return { ok: true, value: undefined };
  const named = workers.map(({ slot, kind, pid }) => ({ name: slot === null ? kind : String(slot), pid: String(pid) }));
  const meant = named.find(({ name }) => name === word) ?? named.find(({ pid }) => pid === word);
  if (meant !== undefined) return { ok: true, value: meant.name };
  const names = ['keeper', ...named.map(({ name }) => name)].join(', ');
  tellProblem(context, {
    where: `${shownName(pool.id, pool)}/${word}`,
    what: 'there is no such worker now',
    remedy: `there are: ${names}`,
  });
  return { ok: false, exitCode: ExitCode.NO_SUCH_POOL };
}
