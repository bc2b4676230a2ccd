/** Remembers which files a plan was made from, for whoever wants to use it again while they are the same. */
import { type FileLookup, type Identity, identify } from './file-facts.js';

export interface Seen {
  /** Path -> what was seen there; see `stamps` in native.ts. */
  readonly stamps: ReadonlyMap<string, string>;
  /** Something the plan was made from, and that is no file, has changed since. */
  readonly isOver: boolean;
}

export class Lookups {
  private epoch = { isOver: false };
  private stamps = new Map<string, string>();
  private isKept = true;

  constructor(private readonly file: FileLookup) {}

  /** Forgets what was seen, for the next plan. */
  begin(): void {
    this.stamps = new Map();
    this.isKept = true;
  }

  /** The plan being made is for this once. */
  doNotKeep(): void {
    this.isKept = false;
  }

  /** All since begin(), which is not touched again after the next begin(). */
  get sinceBegin(): Seen {
    const { stamps, epoch, isKept } = this;
    return {
      stamps,
      get isOver() {
        return !isKept || epoch.isOver;
      },
    };
  }

  /** What is known of the host besides its files has changed: plans made so far may be others now. */
  endEpoch(): void {
    this.epoch.isOver = true;
    this.epoch = { isOver: false };
  }

  readonly look: FileLookup = (path) => {
    const facts = this.file(path);
    this.set(path, stampOf(facts, false));
    return facts;
  };

  /** The stamp of a path of which nothing else is asked; `isListing`: the names in that folder count. */
  note(path: string, isListing: boolean): string {
    const stamp = stampAt(path, isListing);
    this.set(path, stamp);
    return stamp;
  }

  private set(path: string, stamp: string): void {
    // That of a listing says more than that of the folder.
    if (!(stamp.startsWith('d:') && this.stamps.get(path)?.startsWith('l:'))) this.stamps.set(path, stamp);
  }
}

export function stampAt(path: string, isListing: boolean): string {
  return stampOf(identify(path), isListing);
}

/** Of a folder only its place counts, unless its names were asked for: files come and go in it. */
function stampOf(identity: Identity | undefined, isListing: boolean): string {
  if (identity === undefined) return '';
  if (identity.kind !== 'folder') return `f:${identity.stamp}`;
  return isListing ? `l:${identity.stamp}` : `d:${identity.place}`;
}

export function encodeSeen({ stamps }: Seen): Buffer {
  return Buffer.from([...stamps].map(([path, stamp]) => `${path}\0${stamp}\0`).join(''), 'latin1');
}
