/** Remembers which files a plan was made from, for whoever wants to use it again while they are the same. */
import type { FileFacts, FileLookup } from './file-facts.js';

export interface Seen {
  /** Path -> what was seen there; see `stamps` in native.ts. */
  readonly stamps: ReadonlyMap<string, string>;
  /** Something the plan was made from, and that is no file, has changed since. */
  readonly isOver: boolean;
}

export class Lookups {
  private epoch = { isOver: false };
  private stamps = new Map<string, string>();

  constructor(private readonly file: FileLookup) {}

  /** Forgets what was seen, for the next plan. */
  begin(): void {
    this.stamps = new Map();
  }

  /** All since begin(), which is not touched again after the next begin(). */
  get sinceBegin(): Seen {
    const { stamps, epoch } = this;
    return {
      stamps,
      get isOver() {
        return epoch.isOver;
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
    this.stamps.set(path, stampOf(facts));
    return facts;
  };
}

/** Of a folder only its place is ever asked: files come and go in it. */
function stampOf(facts: FileFacts | undefined): string {
  if (facts === undefined) return '';
  return facts.kind === 'folder' ? `d:${facts.place}` : `f:${facts.stamp}`;
}

export function encodeSeen({ stamps }: Seen): Buffer {
  return Buffer.from([...stamps].map(([path, stamp]) => `${path}\0${stamp}\0`).join(''), 'latin1');
}
