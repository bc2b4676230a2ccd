/** Arguments may hold secrets: of those only a digest is kept, enough to tell two hooks apart. */
import { createHash } from 'node:crypto';

const DIGEST_CHARACTERS = 8;

/** @param args bytes in latin1. */
export function withDigest(path: string, args: readonly string[]): string {
  if (args.length === 0) return path;
  const digest = createHash('sha256').update(args.join('\0'), 'latin1').digest('hex');
  return `${path} #${digest.slice(0, DIGEST_CHARACTERS)}`;
}
