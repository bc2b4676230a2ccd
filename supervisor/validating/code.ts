/** Which code a validator has: a digest of its entry, read again when the file has another stamp. Its workers are renewed and its
 *  kept answers match nothing once it is another. What it imports is not looked at: declare it under `cache.files`. */
import { createHash } from 'node:crypto';
import { type BigIntStats, readFileSync, statSync } from 'node:fs';
import { LIMITS } from '../contract/limits.js';
import { VERSION } from '../contract/version.js';

export interface Code {
  stamp: string;
  digest: string;
}

/** Undefined: it cannot be read, is too large, or was changed just now, when a stamp tells nothing. @param wallMs since 1970. */
export function codeOf(file: string, known: Code | undefined, wallMs: number): Code | undefined {
  try {
    const stat = statSync(file, { bigint: true });
    const stamp = stampOf(stat);
    if (known?.stamp === stamp) return known;
    if (!stat.isFile() || stat.size > BigInt(LIMITS.validatorCodeMaxBytes)) return undefined;
    if (Number(stat.ctimeMs) > wallMs - YOUNG_MS) return undefined;
    // What those that are built in import, and what runs the others, changes with the version.
    const digest = createHash('sha256').update(`${VERSION}\0`).update(readFileSync(file)).digest('base64url');
    return { stamp, digest };
  } catch {
    return undefined;
  }
}

/** Another one once the file is. */
export function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

const YOUNG_MS = 100;
