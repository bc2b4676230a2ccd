/** What is told to `bad-host.c` in a daemon. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestHome } from '../../lib/daemon.js';

const DISKS = ['well', 'full', 'slow', 'dead'] as const;
export type Disk = (typeof DISKS)[number];
const FIELD_BYTES = 8;

export class BadHost {
  /** For the daemon alone. */
  readonly settings: Readonly<Record<string, string>>;
  readonly #fd: number;

  constructor(home: TestHome) {
    const [library, file] = [join(home.root, 'bad-host.so'), join(home.root, 'bad-host')];
    const source = join(import.meta.dirname, 'bad-host.c');
    const flags = ['-std=gnu11', '-D_GNU_SOURCE', '-O1', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC'];
    execFileSync('gcc', [...flags, '-o', library, source, '-ldl']);
    writeFileSync(file, Buffer.alloc(3 * FIELD_BYTES));
    this.#fd = openSync(file, 'r+');
    this.settings = {
      LD_PRELOAD: library,
      BAD_HOST: file,
      BAD_HOST_DISK: [home.runtimeFolder, dirname(home.logFile)].join(':'),
    };
  }

  set disk(disk: Disk) {
    this.#put(0, DISKS.indexOf(disk));
  }

  set clockAheadS(seconds: number) {
    this.#put(1, seconds);
  }

  /** How often the daemon has met a disk that was not well. */
  get hits(): number {
    const field = Buffer.alloc(FIELD_BYTES);
    readSync(this.#fd, field, 0, FIELD_BYTES, 2 * FIELD_BYTES);
    return Number(field.readBigInt64LE());
  }

  close(): void {
    closeSync(this.#fd);
  }

  #put(index: number, value: number): void {
    const field = Buffer.alloc(FIELD_BYTES);
    field.writeBigInt64LE(BigInt(value));
    writeSync(this.#fd, field, 0, FIELD_BYTES, index * FIELD_BYTES);
  }
}
