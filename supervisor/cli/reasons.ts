/** What a pool has come to and by what, in words. Pure. */
import type { ToldHappening } from '../contract/happening.js';
import type { PoolDetail } from '../contract/pool-detail.js';
import { KICKED } from '../contract/status.js';
import { causeText, errorText } from './render/causes.js';
import { durationText, millisecondsText } from './render/units.js';

export interface Reasons {
  verdict: string;
  /** What weighs most first. */
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

function verdictOf({ pool }: PoolDetail): string {
  if (pool.isDrained && pool.state !== 'draining') return 'drained: by the operator, it takes no new calls';
  switch (pool.state) {
    case 'ready':
      if (pool.parked > 0) return `ready: ${pool.parked} processes are parked, ${pool.busy} run a hook`;
      return pool.busy > 0 ? `busy: all ${pool.busy} run a hook, none is parked` : 'ready, with no process parked now';
    case 'starting':
      return 'starting: its keeper has not parked a process yet';
    case 'backoff':
      return 'waiting: its keeper ended, and is started again after a pause';
    case 'quarantined':
      return 'in quarantine: it died too often, and is not started until the hold is over';
    case 'draining':
      return 'draining: its configuration is not in force any more, it goes with its last hook';
    case 'stopping':
      return 'being stopped';
    default:
      return pool.state; // of a daemon of a newer version
  }
}

function causesOf({ nowMs, pool, failure, happenings }: PoolDetail): string[] {
  const deaths = [...pool.deaths].reverse().map(({ cause, count }) => {
    const times = count === 1 ? 'once' : `${count} times`;
    if (cause === KICKED) return `kicked by the operator ${times}`;
    return `died ${times}: ${causeText(cause)}${lastText(cause, happenings, nowMs)}`;
  });
  return [
    ...(pool.why === '' ? [] : [pool.why]),
    ...(failure === null ? [] : [`the last start failed at this step: ${stepText(failure)}`]),
    ...deaths,
    ...othersOf(happenings, nowMs),
  ];
}

function stepText({ stage, subject, errnum }: NonNullable<PoolDetail['failure']>): string {
  return [stage, subject.trim(), errorText(errnum)].filter(Boolean).join(': ');
}

/** Only what became a happening of its own has a time. */
function lastText(cause: string, happenings: readonly ToldHappening[], nowMs: number): string {
  const last = happenings.findLast(({ inputs }) => inputs?.cause === cause);
  return last === undefined ? '' : `, the last ${agoText(nowMs - last.atMs)}`;
}

/** They are told as causes already. */
const TOLD_OTHERWISE = new Set<string>(['keeperEnded', 'startFailed', 'quarantined', 'probing']);
const OTHERS_MAX = 5;

function othersOf(happenings: readonly ToldHappening[], nowMs: number): string[] {
  return happenings
    .filter(({ kind }) => !TOLD_OTHERWISE.has(kind))
    .slice(-OTHERS_MAX)
    .reverse()
    .map(({ about, atMs }) => `${about}; ${agoText(nowMs - atMs)}`);
}

function agoText(ms: number): string {
  return `${durationText(Math.max(0, ms))} ago`;
}

function nextOf({ pool }: PoolDetail): string {
  if (pool.nextStartInMs === null) return '';
  const what = pool.state === 'quarantined' ? 'one start tries whether the cause is gone, in' : 'next start in';
  return `${what} ${millisecondsText(pool.nextStartInMs)}`;
}

function meanwhileOf({ pool }: PoolDetail): string {
  if (pool.state === 'ready' && !pool.isDrained) return '';
  if (pool.state === 'draining') return 'its calls go to the pools of the configuration in force';
  if (pool.runtime !== 'exec') return 'its hooks run through exec: the same answers, as slow as a cold start';
  if (pool.level !== 'contained') return `its hooks are refused and block: they never run outside level ${pool.level}`;
  return 'its hooks are run directly by their client, with its --on-unavailable policy';
}

function remedyOf({ pool, failure }: PoolDetail): string {
  if (pool.state === 'draining') return '';
  if (pool.isDrained) return `supervisor drain --undo ${pool.id}`;
  if (pool.state === 'ready' || pool.state === 'stopping') return '';
  const atOnce = `supervisor kick ${pool.id} tries at once`;
  if (failure !== null) return `put the step above right; ${atOnce}, supervisor doctor checks the host`;
  if (pool.deaths.every(({ cause }) => cause === KICKED)) return '';
  return `supervisor logs --pool ${pool.id} and keeper.log have its last words; ${atOnce}`;
}
