/** Remembers which files a plan was made from, for whoever wants to use it again while they are the same. */
import type { FileFacts, FileLookup } from './file-facts.js';

/** Path -> what was seen there; see `stamps` in native.ts. */
export type Seen = ReadonlyMap<string, string>;

export class Lookups {
  private seen = new Map<string, string>();

  constructor(private readonly file: FileLookup) {}

  /** Forgets what was seen, for the next plan. */
  begin(): void {
    this.seen = new Map();
  }

  /** All since begin(). The map is not touched again after the next begin(). */
  get sinceBegin(): Seen {
    return this.seen;
  }

  readonly look: FileLookup = (path) => {
    const facts = this.file(path);
    this.seen.set(path, stampOf(facts));
    return facts;
  };
}

/** Of a folder only its place is ever asked: files come and go in it. */
function stampOf(facts: FileFacts | undefined): string {
  if (facts === undefined) return '';
  return facts.kind === 'folder' ? `d:${facts.place}` : `f:${facts.stamp}`;
}

export function encodeSeen(seen: Seen): Buffer {
  return Buffer.from([...seen].map(([path, stamp]) => `${path}\0${stamp}\0`).join(''), 'latin1');
}
