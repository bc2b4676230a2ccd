/** The call of a cell: a hook that counts its starts, waits at a gate, repeats its input, then says as much as it is asked to.
 *  What comes out of it is known beforehand to the byte. */

import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TestHome } from '../../lib/daemon.js';
import { Hook, type HookEnd, starts } from '../../lib/hook.js';
import { type HoldingStep, holding } from './held-client.js';

/** Keeps in memory all that it reads: several times the limit of a cell's hooks. Says nothing: the processes of a group
 *  die one after the other where the kernel cannot kill them at once, and the reader may be the last. */
const GREEDY = 'mkfifo "$2.all"; head -c 400000000 /dev/zero > "$2.all" & exec tail -n 1 < "$2.all" > /dev/null';
const TEXT = `echo $$ >> "$1"; read -r line < "$2"; if [ "$line" = grow ]; then ${GREEDY}; fi
  cat; head -c "$3" /dev/zero | tr "\\0" x; echo end >&2; exit 7`;
const INPUT = 'all of the input\n';
export const SMALL_BYTES = 10;

export interface CallOptions {
  outputBytes?: number;
  isReadLater?: boolean;
  /** Added to the environment, in pieces that the kernel takes. */
  environmentBytes?: number;
  /** Of the client. */
  clientOptions?: readonly string[];
  /** Where its client is stopped. */
  heldAt?: HoldingStep;
}

const PIECE_BYTES = 100_000;

export class CountedCall {
  readonly folder: string;
  readonly hook: Hook;
  readonly answer: string;
  readonly #gateFd: number;

  constructor(
    home: TestHome,
    {
      outputBytes = SMALL_BYTES,
      isReadLater = false,
      environmentBytes = 0,
      clientOptions = [],
      heldAt,
    }: CallOptions = {},
  ) {
    this.folder = mkdtempSync(join(home.root, 'cell-'));
    const [gate, input] = [join(this.folder, 'gate'), join(this.folder, 'input')];
    execFileSync('mkfifo', [gate]);
    // For reading too: it can be opened before the hook is there, and keeps what was written.
    this.#gateFd = openSync(gate, constants.O_RDWR | constants.O_NONBLOCK);
    writeFileSync(input, INPUT);
    this.answer = INPUT + 'x'.repeat(outputBytes);
    const pieces = Array.from({ length: Math.ceil(environmentBytes / PIECE_BYTES) }, (_, n) => n);
    const through = [
      ...['/usr/bin/env', ...pieces.map((n) => `LARGE_${n}=${'x'.repeat(PIECE_BYTES)}`)],
      // Input that is there from the start: the client never waits for it.
      ...['/bin/sh', '-c', `exec "$@" < ${input}`, 'sh'],
      ...(heldAt === undefined ? [] : holding(home, heldAt)),
    ];
    const argv = ['/bin/sh', '-c', TEXT, 'sh', this.#startsFile, gate, String(outputBytes)];
    this.hook = new Hook(home, argv, { through, isReadLater, options: clientOptions });
  }

  get #startsFile(): string {
    return join(this.folder, 'starts');
  }

  get starts(): number[] {
    return starts(this.#startsFile);
  }

  get pid(): number {
    return this.hook.process.pid ?? 0;
  }

  get end(): Promise<HookEnd> {
    return this.hook.end;
  }

  openGate(): void {
    writeSync(this.#gateFd, 'go\n');
  }

  /** Instead of its answer, the hook takes memory. Only before the gate was opened. */
  grow(): void {
    writeSync(this.#gateFd, 'grow\n');
  }
}
