/** Answers of an earlier daemon, as they come from the disk: what is not whole is left out, never believed. */
import type { KeptAnswer } from '../contract/caching.js';
import { LIMITS } from '../contract/limits.js';
import { DECISIONS, type Verdict } from '../contract/validating.js';

export function isWhole({ key, validator, text, keptAtMs, ttlMs }: KeptAnswer): boolean {
  if (key === '' || validator === '' || !Number.isFinite(keptAtMs)) return false;
  return ttlMs > 0 && ttlMs <= LIMITS.cacheTtlMaxMs && isVerdict(text);
}

/** Input of a tool, and what was read for the model, stay in memory: what lies on the disk is a digest, a decision and its reason. */
export function mayLeaveMemory({ updatedInput, context }: Verdict): boolean {
  return updatedInput === undefined && context === undefined;
}

function isVerdict(text: string): boolean {
  let verdict: unknown;
  try {
    verdict = JSON.parse(text);
  } catch {
    return false;
  }
  if (typeof verdict !== 'object' || verdict === null || Array.isArray(verdict)) return false;
  const { decision, reason, ...others } = verdict as Verdict;
  if (Object.keys(others).length > 0) return false;
  return (decision === undefined || DECISIONS.includes(decision)) && ['string', 'undefined'].includes(typeof reason);
}
