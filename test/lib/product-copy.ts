/** A copy of the product whose programs a test may exchange. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

export class ProductCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'hook-supervisor-copy-'));
  readonly supervisor = join(this.folder, 'bin/supervisor');
  readonly keeper = join(this.folder, 'bin/supervisor-keeper');

  /** Programs as they lie in the package. */
  constructor() {
    const from = (name: string) => join(REPOSITORY, name);
    const to = (name: string) => join(this.folder, name);
    for (const name of ['bin', 'dist', 'package.json']) cpSync(from(name), to(name), { recursive: true });
    mkdirSync(to('build'));
    for (const name of readdirSync(from('build')).filter((one) => one !== 'obj'))
      cpSync(from(`build/${name}`), to(`build/${name}`));
    symlinkSync(from('node_modules'), to('node_modules'));
  }

  /** Runs this text for a shell before each keeper. */
  beforeKeepers(text: string): void {
    const honest = `${this.keeper}.honest`;
    renameSync(this.keeper, honest);
    writeFileSync(this.keeper, `#!/bin/sh\n${text}\nexec '${honest}' "$@"\n`, { mode: 0o755 });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
