/** Which paths a recursive command must not meet. */
import { posix } from 'node:path';
import { HOME, isLiteral, UNKNOWN } from '../shell/words.mjs';

/** Whole trees whose loss ends a system or a home; what lies deeper is not meant. */
const TREES =
  '/ /bin /boot /dev /etc /home /lib /lib32 /lib64 /libx32 /media /mnt /opt /proc /root /run /sbin /srv /sys /usr /var ' +
  '/usr/bin /usr/lib /usr/local /usr/sbin /usr/share /var/lib /System /Library /Applications /Users';
const PROTECTED = new Set(TREES.split(' '));
const HOMES = /^\/(home|Users)\/[^/]+$/;
/** `/*`, `/u*`, `/home/*`: everything in the root, or in a folder of homes. */
const GLOB_IN_ROOT = /^\/[^/]*[*?[][^/]*$/;
const EVERYTHING_IN = /\/(\*|\.\*|\{\*,\.\*\}|\.)$/;
const BLOCK_DEVICE = /^\/dev\/((s|h|v|xv)d[a-z]|nvme\d|mmcblk\d|dm-\d|md\d|loop\d|disk\/|mapper\/|r?disk\d)/;
const MAYBE_EMPTY = new RegExp(`^${UNKNOWN}[^${UNKNOWN}?]*${UNKNOWN}/+(\\*|\\.\\*)?$`);

/** Where a word leads, `/*` at its end taken off; HOME for the home itself, '' where only a run would tell. */
export function folderOf(text, cwd) {
  if (text === '') return '';
  let path = text;
  while (path.length > 1 && EVERYTHING_IN.test(path)) path = path.replace(EVERYTHING_IN, '') || '/';
  if (['*', '.*', './*'].includes(path)) path = '.';
  if (!isLiteral(path)) return '';
  if (posix.isAbsolute(path)) return trimmed(posix.normalize(path));
  if (cwd === HOME) return posix.normalize(path) === '.' ? HOME : '';
  return cwd === '' ? '' : trimmed(posix.resolve(cwd, path));
}

function trimmed(path) {
  return path.length > 1 ? path.replace(/\/+$/, '') || '/' : path;
}

export function isProtected(text, { cwd, more }) {
  if (isHome(text)) return true;
  const folder = folderOf(text, cwd);
  if (folder === '') return false;
  return (
    folder === HOME || PROTECTED.has(folder) || HOMES.test(folder) || GLOB_IN_ROOT.test(folder) || more.includes(folder)
  );
}

function isHome(text) {
  return text.startsWith(HOME) && /^(\/|\/\.|\/\.?\*)*$/.test(text.slice(HOME.length));
}

/** The folder itself, or one that it lies in. */
export function holds(text, folder, cwd) {
  const target = folderOf(text, cwd);
  return target !== '' && (target === folder || folder.startsWith(target === '/' ? '/' : `${target}/`));
}

export function isBlockDevice(text) {
  return BLOCK_DEVICE.test(posix.normalize(text));
}

/** `$X/` and `$X/*`: the root where X is empty. */
export function isRootIfEmpty(text) {
  return MAYBE_EMPTY.test(text) && !text.startsWith(HOME);
}
