/** What the router needs to know of files. `createFileFacts` reads the real ones; tests bring a table. */
import {
  accessSync,
  type BigIntStats,
  closeSync,
  constants,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';

/** What stat says of a file. */
export interface Identity {
  kind: 'file' | 'folder' | 'other';
  /** Device and inode: the same for two names of one file. */
  place: string;
  /** Differs whenever the file may have changed: place, size, times. */
  stamp: string;
}

export interface FileFacts extends Identity {
  /** By this process's own rights: the daemon serves its own uid only. */
  executable: boolean;
  /** `elf`: for this machine. `script`: begins with #!. '' for anything else, and where not executable. */
  format: 'elf' | 'script' | '';
  /** Of the #! line, as the kernel reads it: interpreter, then at most one argument, which may have blanks in it. */
  scriptWords: readonly string[];
  /** How a script begins, as a byte string; '' for anything else. */
  text: string;
  /** With every symbolic link followed; '' where that cannot be told. */
  realPath: string;
}

/** Facts of the absolute `path`, a byte string; undefined where there is nothing to be seen. */
export type FileLookup = (path: string) => FileFacts | undefined;

/** Enough for the interpreters, shells and scripts of a user's hooks many times over. */
const CACHED_FILES_MAX = 512;
const HEAD_BYTES = 1024;
/** How far kernels before 5.1 read. */
const SCRIPT_LINE_BYTES = 128;
const SCRIPT_LINE = /^#![ \t]*([^ \t\n\0]+)(?:[ \t]+([^\n\0]*[^ \t\n\0]))?[ \t]*\n/;

/** Real facts. stat is asked on every call; only what follows from an unchanged stamp is remembered. */
export function createFileFacts(): FileLookup {
  const cached = new Map<string, FileFacts>();
  const ownHead = readHead(process.execPath);
  return (path) => {
    const identity = identify(path);
    if (identity === undefined) return undefined;
    const { kind, stamp } = identity;
    const known = cached.get(path);
    if (known?.stamp === stamp) return known;
    const executable = kind === 'file' && isExecutable(path);
    const head = executable ? readHead(path) : '';
    const isScript = head.startsWith('#!');
    const facts: FileFacts = {
      ...identity,
      executable,
      format: isScript ? 'script' : isElfLike(head, ownHead) ? 'elf' : '',
      scriptWords: SCRIPT_LINE.exec(head.slice(0, SCRIPT_LINE_BYTES))?.slice(1).filter(Boolean) ?? [],
      text: isScript ? head : '',
      realPath: realPathOf(path),
    };
    // Oldest first out: one that is still in use comes back at the cost of one read.
    if (cached.size >= CACHED_FILES_MAX) cached.delete(cached.keys().next().value ?? '');
    cached.set(path, facts);
    return facts;
  };
}

export function identify(path: string): Identity | undefined {
  const stat = statOf(path);
  if (stat === undefined) return undefined;
  const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other';
  const place = `${stat.dev}:${stat.ino}`;
  return { kind, place, stamp: `${place}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}` };
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(fsPath(path), { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined; // ENOTDIR, EACCES, ELOOP, a NUL: nothing that could be run from there
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(fsPath(path), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync.native(fsPath(path), 'latin1');
  } catch {
    return '';
  }
}

/** First bytes of a file as a byte string; '' where it cannot be read. */
function readHead(path: string): string {
  let fd: number;
  try {
    // Without blocking: between stat and open the name may have become a FIFO.
    fd = openSync(fsPath(path), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return '';
  }
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.toString('latin1', 0, readSync(fd, head, 0, HEAD_BYTES, 0));
  } catch {
    return '';
  } finally {
    closeSync(fd);
  }
}

/** Magic, class and byte order (0 to 5) and machine (18, 19) as in our own executable. */
function isElfLike(head: string, ownHead: string): boolean {
  return head.length >= 20 && head.slice(0, 6) === ownHead.slice(0, 6) && head.slice(18, 20) === ownHead.slice(18, 20);
}

/** A byte string as fs takes it: a string would be encoded as UTF-8. */
function fsPath(path: string): string | Buffer {
  return /[\x80-\xff]/.test(path) ? Buffer.from(path, 'latin1') : path;
}
