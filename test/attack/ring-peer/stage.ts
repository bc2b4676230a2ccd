/** A copy of the product whose keeper of Python pools is hostile, and a daemon of it. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TestDaemon, TestHome } from '../../lib/daemon.js';
import { ProductCopy } from '../../lib/product-copy.js';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const MS_PER_TICK = 10;

/** Programs as they lie in the package, ours in the keeper's place. */
export class HostileCopy {
  readonly #copy = new ProductCopy();

  constructor() {
    const { folder, keeper } = this.#copy;
    renameSync(keeper, join(folder, 'bin/honest-keeper'));
    const here = import.meta.dirname;
    const sources = readdirSync(here).filter((name) => name.endsWith('.c'));
    const shim = (name: string) => join(REPOSITORY, 'native-shim', name);
    const flags = ['-std=gnu11', '-O2', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-pthread'];
    const includes = [`-I${shim('include')}`, `-I${shim('lib')}`];
    const inputs = [...sources.map((name) => join(here, name)), shim('lib/ring.c')];
    execFileSync('gcc', [...flags, ...includes, '-o', keeper, ...inputs]);
  }

  /** A daemon whose first Python keeper does what `attack` names to its first call. */
  start(attack: string): TestDaemon {
    writeFileSync(join(this.#copy.folder, 'bin/attack'), attack);
    return TestDaemon.startIn(new TestHome(this.#copy.supervisor));
  }

  remove(): void {
    this.#copy.remove();
  }
}

/** User and system time of a process so far. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
