/** What a pool has come to and by what, in words. Pure. */
import type { ToldHappening } from '../contract/happening.js';
import type { PoolDetail } from '../contract/pool-detail.js';
import { endText, errorText } from './render/causes.js';
import { durationText, millisecondsText } from './render/units.js';

export interface Reasons {
  verdict: string;
  /** The newest cause first. */
  causes: string[];
  /** What is planned. */
  next: string;
  /** What calls get that would be served by it. */
  meanwhile: string;
  remedy: string;
}

export function reasonsOf(detail: PoolDetail): Reasons {
  return {
    verdict: verdictOf(detail),
    causes: causesOf(detail),
    next: nextOf(detail),
    meanwhile: meanwhileOf(detail),
    remedy: remedyOf(detail),
  };
}

function verdictOf({ pool, givenUp }: PoolDetail): string {
  if (pool.isDrained) return 'drained: by the operator, it takes no new calls';
  if (givenUp !== null) return 'given up: its interpreter is not kept warm';
  switch (pool.state) {
    case 'ready':
      if (pool.parked > 0) return `ready: ${pool.parked} processes are parked, ${pool.busy} run a hook`;
      return pool.busy > 0 ? `busy: all ${pool.busy} run a hook, none is parked` : 'ready, with no process parked yet';
    case 'starting':
      return 'starting: its keeper has not parked a process yet';
    case 'backoff':
      return 'held back: its keeper has ended too often, and is started again after a pause';
    case 'stopping':
      return 'being stopped';
    default:
      return pool.state; // of a daemon of a newer version
  }
}

function causesOf({ nowMs, failure, givenUp, happenings }: PoolDetail): string[] {
  const causes: string[] = [];
  if (givenUp !== null) causes.push(givenUp.why);
  if (failure !== null) {
    const step = [failure.stage, failure.subject, errorText(failure.errnum)].filter(Boolean).join(': ');
    causes.push(`the last start failed at this step: ${step}`);
  }
  return [...causes, ...deathsOf(happenings, nowMs), ...othersOf(happenings, nowMs)];
}

/** Deaths of the keeper, one line for each way it ended. */
function deathsOf(happenings: readonly ToldHappening[], nowMs: number): string[] {
  const byEnd = new Map<string, { count: number; atMs: number }>();
  for (const { kind, atMs, inputs = {} } of happenings) {
    if (kind !== 'keeperEnded') continue;
    const { exitCode, signal } = inputs;
    const isKnown = typeof exitCode === 'number' && typeof signal === 'number';
    const end = isKnown ? `ended ${endText(exitCode, signal)}` : 'could not be started';
    byEnd.set(end, { count: (byEnd.get(end)?.count ?? 0) + 1, atMs });
  }
  return [...byEnd]
    .sort(([, a], [, b]) => b.atMs - a.atMs)
    .map(([end, { count, atMs }]) => `its keeper ${end}; ${timesText(count)} ${agoText(nowMs - atMs)}`);
}

const TOLD_OTHERWISE = new Set<string>(['keeperEnded', 'startFailed', 'notKeptWarm']);
const OTHERS_MAX = 5;

function othersOf(happenings: readonly ToldHappening[], nowMs: number): string[] {
  return happenings
    .filter(({ kind }) => !TOLD_OTHERWISE.has(kind))
    .slice(-OTHERS_MAX)
    .reverse()
    .map(({ about, atMs }) => `${about}; ${agoText(nowMs - atMs)}`);
}

function timesText(count: number): string {
  return count === 1 ? 'once,' : `${count} times, the last`;
}

function agoText(ms: number): string {
  return `${durationText(Math.max(0, ms))} ago`;
}

function nextOf({ nextStartInMs, givenUp, pool }: PoolDetail): string {
  if (pool.isDrained) return `nothing: supervisor drain --undo ${pool.id}`;
  if (nextStartInMs !== null) return `next start in ${millisecondsText(nextStartInMs)}`;
  if (givenUp !== null && givenUp.retryInMs > 0) {
    return `the first call after ${durationText(givenUp.retryInMs)} tries again`;
  }
  return givenUp !== null ? 'the next call tries again' : '';
}

function meanwhileOf({ pool, givenUp }: PoolDetail): string {
  const isServing = pool.state === 'ready' && !pool.isDrained && givenUp === null;
  if (isServing) return '';
  if (pool.runtime !== 'exec') return 'its hooks run through exec: the same answers, as slow as a cold start';
  if (pool.level !== 'contained') return `its hooks are refused and block: they never run outside level ${pool.level}`;
  return 'its hooks are run directly by their client, with its --on-unavailable policy';
}

function remedyOf({ pool, failure, givenUp, happenings }: PoolDetail): string {
  if (pool.isDrained) return `supervisor drain --undo ${pool.id}`;
  const isSound = pool.state === 'ready' && failure === null && givenUp === null;
  if (isSound) return '';
  if (failure !== null)
    return `put the step above right; supervisor kick ${pool.id} tries at once, doctor checks the host`;
  if (happenings.some(({ kind }) => kind === 'keeperEnded')) {
    return `supervisor logs --pool ${pool.id} and keeper.log have its last words; supervisor kick ${pool.id} tries at once`;
  }
  return givenUp !== null ? `put right what it says; supervisor logs --pool ${pool.id} has more` : '';
}
