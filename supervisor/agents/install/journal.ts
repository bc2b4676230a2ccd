/** What install has rewritten, in the state folder: for each file what it was and what it became, by digest. The words
 *  themselves are in the backup beside the file: settings may hold secrets. */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeWhole } from './write-file.js';

export interface JournalEntry {
  path: string;
  agent: string;
  /** Of the file without us, which is what the backup holds. */
  withoutDigest: string;
  /** Of the file as install left it. */
  installedDigest: string;
  backup: string;
}

const NAME = 'installed-hooks.json';
const SCHEMA = 'supervisor.installed-hooks/v1';
/** Of more, the oldest are forgotten: their hooks are still known by their words. */
const ENTRIES_MAX = 1_000;

export class Journal {
  readonly #file: string;
  readonly #entries: Map<string, JournalEntry>;

  constructor(stateFolder: string) {
    this.#file = join(stateFolder, NAME);
    this.#entries = new Map(entriesIn(this.#file).map((entry) => [entry.path, entry]));
  }

  get entries(): readonly JournalEntry[] {
    return [...this.#entries.values()];
  }

  of(path: string): JournalEntry | undefined {
    return this.#entries.get(path);
  }

  /** Each returns the error's code, or undefined when it is on the disk. */
  put(entry: JournalEntry): string | undefined {
    this.#entries.delete(entry.path);
    this.#entries.set(entry.path, entry);
    for (const path of [...this.#entries.keys()].slice(0, -ENTRIES_MAX)) this.#entries.delete(path);
    return this.#write();
  }

  remove(path: string): string | undefined {
    return this.#entries.delete(path) ? this.#write() : undefined;
  }

  #write(): string | undefined {
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'unknown error';
    }
    const text = `${JSON.stringify({ schema: SCHEMA, files: this.entries }, null, 2)}\n`;
    const latin1 = Buffer.from(text, 'utf8').toString('latin1');
    return writeWhole(this.#file, latin1, { mode: 0o600, gid: process.getegid?.() ?? -1 });
  }
}

/** A journal that is lost or spoiled loses no hook: uninstall then goes by the words in the files. */
function entriesIn(file: string): JournalEntry[] {
  try {
    const { files } = JSON.parse(readFileSync(file, 'utf8')) as { files?: unknown };
    return Array.isArray(files) ? files.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is JournalEntry {
  const entry = value as Record<string, unknown> | null;
  const names = ['path', 'agent', 'withoutDigest', 'installedDigest', 'backup'];
  return typeof entry === 'object' && entry !== null && names.every((name) => typeof entry[name] === 'string');
}
