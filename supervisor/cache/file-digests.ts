/** What declared files hold, as digests. A path may be one that a model has named: nothing but regular files is opened (opening a
 *  device can do things, a pipe waits), none is read beyond its bound, and one that lies on a dead disk holds up nobody for long. */
import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Clock } from '../contract/clock.js';
import { LIMITS } from '../contract/limits.js';

export interface FileIdentity {
  /** Of the content. */
  digest: string;
  /** Another one: the file was touched, even if it holds the same again. */
  stamp: string;
}

export interface FileIdentities {
  /** undefined: it cannot be told. */
  of(path: string): Promise<FileIdentity | undefined>;
}

const ABSENT: FileIdentity = { digest: 'absent', stamp: '' };
const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;

interface Look {
  path: string;
  /** Whoever has asked has an answer. */
  isOver: boolean;
  settle(identity: FileIdentity | undefined): void;
}

export class FileDigests implements FileIdentities {
  /** Path -> what a file of that stamp held. Asked for longest ago first. */
  private readonly known = new Map<string, FileIdentity>();
  private readonly waiting = new Set<Look>();
  private readonly looking = new Set<Look>();

  /** @param wallMs since 1970, as the stamps of files. */
  constructor(
    private readonly clock: Clock,
    private readonly wallMs: () => number,
  ) {}

  of(path: string): Promise<FileIdentity | undefined> {
    // Behind looks that do not come back nobody waits.
    const isDead =
      this.looking.size >= LIMITS.declaredFilesAtOnceMax && [...this.looking].every(({ isOver }) => isOver);
    if (isDead || this.waiting.size >= LIMITS.declaredFilesWaitingMax) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const look: Look = {
        path,
        isOver: false,
        settle: (identity) => {
          undoTimer();
          this.waiting.delete(look);
          look.isOver = true;
          resolve(identity);
        },
      };
      const undoTimer = this.clock.after(LIMITS.declaredFileTimeoutMs, () => look.settle(undefined));
      this.waiting.add(look);
      this.next();
    });
  }

  /** Few at a time: each holds one of the few threads that all of the daemon's files share, and a dead disk does not let go. */
  private next(): void {
    const [look] = this.waiting;
    if (look === undefined || this.looking.size >= LIMITS.declaredFilesAtOnceMax) return;
    this.waiting.delete(look);
    this.looking.add(look);
    void this.look(look.path)
      .catch(() => undefined)
      .then((identity) => {
        this.looking.delete(look);
        look.settle(identity);
        this.next();
      });
  }

  private async look(path: string): Promise<FileIdentity | undefined> {
    let stats: BigIntStats;
    try {
      stats = await stat(path, { bigint: true });
    } catch (error) {
      return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '') ? ABSENT : undefined;
    }
    const stamp = stampOf(stats);
    const known = this.known.get(path);
    this.known.delete(path);
    const atMs = this.wallMs();
    const identity = known?.stamp === stamp ? known : await read(path, stats);
    if (identity !== undefined && (identity === known || isSettled(stats, atMs))) this.remember(path, identity);
    return identity;
  }

  private remember(path: string, identity: FileIdentity): void {
    this.known.set(path, identity);
    const [oldest] = this.known.keys();
    if (this.known.size > LIMITS.declaredFilesKnownMax && oldest !== undefined) this.known.delete(oldest);
  }
}

async function read(path: string, stats: BigIntStats): Promise<FileIdentity | undefined> {
  if (!stats.isFile() || stats.size > LIMITS.declaredFileMaxBytes) return undefined;
  // Should another have taken its place meanwhile, and be a pipe: it does not wait for a writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stamp = stampOf(stats);
    const content = await contentOf(file, Number(stats.size));
    const isSame = stampOf(await file.stat({ bigint: true })) === stamp;
    return content !== undefined && isSame ? { digest: digestOf(content), stamp } : undefined;
  } finally {
    await file.close();
  }
}

/** undefined: it is longer or shorter than it said, as those of the kernel's own file systems are, or it is just being written. */
async function contentOf(file: FileHandle, sizeBytes: number): Promise<Buffer | undefined> {
  const buffer = Buffer.allocUnsafe(sizeBytes + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length);
    length += bytesRead;
    if (bytesRead === 0 || length > sizeBytes) break;
  }
  return length === sizeBytes ? buffer.subarray(0, length) : undefined;
}

/** Whether every later change must give it another stamp. Clocks of file systems go in steps: what is younger than one may change
 *  again without that. A stamp of whole seconds may be of one that keeps no finer ones. An empty file of the kernel's may fill unseen. */
function isSettled({ size, mtimeNs, ctimeNs }: BigIntStats, atMs: number): boolean {
  if (size === 0n) return false;
  const newestNs = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  const stepMs = newestNs % NS_PER_SECOND === 0n ? LIMITS.fileSettledCoarseMs : LIMITS.fileSettledMs;
  return atMs - Number(newestNs / NS_PER_MS) >= stepMs;
}

function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('base64url');
}
