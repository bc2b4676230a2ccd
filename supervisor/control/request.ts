/** Bytes of an operator -> a request with checked words. What it asks for beyond is left to whoever does it. */
import { LIMITS } from '../contract/limits.js';
import { PROFILE_CHOICES } from '../contract/profiles.js';
import type { ControlError, ControlRequest, ControlVerb } from './messages.js';

type Parsed = { ok: true; request: ControlRequest } | { ok: false; error: ControlError };
type Words = Readonly<Record<string, unknown>>;

const NAME_MAX_CHARACTERS = 128;

/** For each verb what its words come to; undefined where one of them is no such word. */
const PARSERS: Readonly<Record<ControlVerb, (words: Words) => ControlRequest | undefined>> = {
  ping: () => ({ verb: 'ping' }),
  status: () => ({ verb: 'status' }),
  stop: ({ drainMs = LIMITS.drainBudgetMs }) =>
    isCount(drainMs, LIMITS.drainMaxMs) ? { verb: 'stop', drainMs } : undefined,
  plan: () => ({ verb: 'plan' }),
  reload: () => ({ verb: 'reload' }),
  restart: () => ({ verb: 'restart' }),
  events({ sinceMs = 0, pool, follow = false }) {
    if (!isCount(sinceMs, Number.MAX_SAFE_INTEGER) || !isNameOrAbsent(pool) || typeof follow !== 'boolean') {
      return undefined;
    }
    return { verb: 'events', sinceMs, pool, follow };
  },
  pool: ({ pool }) => (isName(pool) ? { verb: 'pool', pool } : undefined),
  drain({ pool, undo = false }) {
    return isName(pool) && typeof undo === 'boolean' ? { verb: 'drain', pool, undo } : undefined;
  },
  scale({ pool, parked }) {
    return isName(pool) && isCount(parked, LIMITS.slotsPerPoolMax) ? { verb: 'scale', pool, parked } : undefined;
  },
  kick({ pool, worker, force = false }) {
    if (!isName(pool) || !isNameOrAbsent(worker) || typeof force !== 'boolean') return undefined;
    return { verb: 'kick', pool, worker, force };
  },
  record({ on, forMs = LIMITS.recordingDefaultMs, maxBytes = LIMITS.recordingDefaultMaxBytes }) {
    const isBounded = isCount(forMs, LIMITS.recordingMaxMs) && isCount(maxBytes, LIMITS.recordingMaxBytes);
    return typeof on === 'boolean' && isBounded ? { verb: 'record', on, forMs, maxBytes } : undefined;
  },
  setProfile({ profile }) {
    const known = PROFILE_CHOICES.find((one) => one === profile);
    return known && { verb: 'setProfile', profile: known };
  },
  clearCache: ({ validator }) => (isNameOrAbsent(validator) ? { verb: 'clearCache', validator } : undefined),
};

export function parseRequest(payload: Buffer): Parsed {
  const words = objectOf(payload);
  const verb = words?.verb;
  if (words === undefined || typeof verb !== 'string') {
    return failed('badRequest', 'the request is not {"verb": ...}', 'use the supervisor command');
  }
  if (!Object.hasOwn(PARSERS, verb)) {
    const known = Object.keys(PARSERS).join(', ');
    return failed('unknownVerb', `this daemon knows no "${verb.slice(0, 40)}"`, `it knows ${known}`);
  }
  const request = PARSERS[verb as ControlVerb](words);
  if (request !== undefined) return { ok: true, request };
  return failed('badRequest', `"${verb}" was asked with words it does not take`, 'use the supervisor command');
}

function failed(code: ControlError['code'], message: string, remedy: string): Parsed {
  return { ok: false, error: { code, message, remedy } };
}

function objectOf(payload: Buffer): Words | undefined {
  try {
    const parsed: unknown = JSON.parse(payload.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Words) : undefined;
  } catch {
    return undefined;
  }
}

function isName(word: unknown): word is string {
  return typeof word === 'string' && word !== '' && word.length <= NAME_MAX_CHARACTERS;
}

function isNameOrAbsent(word: unknown): word is string | undefined {
  return word === undefined || isName(word);
}

function isCount(word: unknown, max: number): word is number {
  return Number.isSafeInteger(word) && (word as number) >= 0 && (word as number) <= max;
}
