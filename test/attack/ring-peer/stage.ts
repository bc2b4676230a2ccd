/** A copy of the product whose keeper of Python pools is hostile, and a daemon of it. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TestDaemon, TestHome } from '../../lib/daemon.js';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const MS_PER_TICK = 10;

/** Programs as they lie in the package, ours in the keeper's place. */
export class HostileCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'hook-supervisor-ring-peer-'));

  constructor() {
    const from = (name: string) => join(REPOSITORY, name);
    const to = (name: string) => join(this.folder, name);
    for (const name of ['bin', 'dist', 'package.json']) cpSync(from(name), to(name), { recursive: true });
    mkdirSync(to('build'));
    for (const name of readdirSync(from('build')).filter((one) => one !== 'obj'))
      cpSync(from(`build/${name}`), to(`build/${name}`));
    symlinkSync(from('node_modules'), to('node_modules'));
    renameSync(to('bin/supervisor-keeper'), to('bin/honest-keeper'));
    const here = import.meta.dirname;
    const sources = readdirSync(here).filter((name) => name.endsWith('.c'));
    const shim = (name: string) => join(REPOSITORY, 'native-shim', name);
    const flags = ['-std=gnu11', '-O2', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-pthread'];
    const includes = [`-I${shim('include')}`, `-I${shim('lib')}`];
    const inputs = [...sources.map((name) => join(here, name)), shim('lib/ring.c')];
    execFileSync('gcc', [...flags, ...includes, '-o', to('bin/supervisor-keeper'), ...inputs]);
  }

  /** A daemon whose first Python keeper does what `attack` names to its first call. */
  start(attack: string): TestDaemon {
    writeFileSync(join(this.folder, 'bin/attack'), attack);
    return TestDaemon.startIn(new TestHome(join(this.folder, 'bin/supervisor')));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** User and system time of a process so far. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
