/** The secret that a request has to bring. Loopback is reachable by every uid of the machine, and by whatever page a browser
 *  on it shows: without the token any of them could have the user's hooks run, and read what they answer. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';

const TOKEN_BYTES = 32;
const FORM = /^[A-Za-z0-9_-]{43}$/;
const FILE_MAX_BYTES = 1_024;
const OTHERS = 0o077;

export type Token = { ok: true; isRightHeader(header: string | undefined): boolean } | { ok: false; why: string };

/** Made where there is none: so whoever wants another removes the file and restarts. */
export function tokenIn(path: string, uid: number): Token {
  try {
    const text = madeToken(path) ?? readToken(path, uid);
    return FORM.test(text) ? { ok: true, isRightHeader: comparerOf(text) } : { ok: false, why: text };
  } catch (error) {
    return { ok: false, why: `${path} cannot be read or made (${(error as NodeJS.ErrnoException).code})` };
  }
}

/** Undefined: one is there. */
function madeToken(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  try {
    writeSync(fd, `${token}\n`);
  } finally {
    closeSync(fd);
  }
  return token;
}

/** The token, or why it is not believed: what others can read or have written is no secret. */
function readToken(path: string, uid: number): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > FILE_MAX_BYTES) return `${path} is no file of ours`;
    if (stats.uid !== uid) return `${path} belongs to uid ${stats.uid}`;
    if ((stats.mode & OTHERS) !== 0) return `${path} is open to others`;
    const text = readFileSync(fd, 'latin1').trim();
    return FORM.test(text) ? text : `${path} holds no token`;
  } finally {
    closeSync(fd);
  }
}

/** In the same time, however much of it is right. */
function comparerOf(token: string): (header: string | undefined) => boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'latin1').digest();
  const right = digest(`Bearer ${token}`);
  return (header) => timingSafeEqual(digest(header ?? ''), right);
}
