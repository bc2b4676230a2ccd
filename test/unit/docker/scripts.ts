/** The shell scripts of docker/ as they are, with a folder for the cgroup and a PATH on which `id` and what only root may do
 *  are ours. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const DOCKER = join(import.meta.dirname, '../../../docker');

const FILES = 'cgroup.subtree_control memory.max';

export class FakeContainer {
  readonly folder = mkdtempSync(join(tmpdir(), 'container-'));
  readonly cgroup = join(this.folder, 'cgroup');
  readonly group = join(this.cgroup, 'hook-supervisor');
  private readonly bin = join(this.folder, 'bin');
  private readonly list = join(this.folder, 'delegate');
  /** What is written to a group's files, each write kept: a plain file would hold the last one only. */
  private readonly moved = new Pipe(join(this.folder, 'moved'));
  private readonly turnedOn = new Pipe(join(this.folder, 'turnedOn'));

  constructor(uid: number) {
    mkdirSync(this.bin);
    mkdirSync(this.cgroup);
    writeFileSync(this.list, 'cgroup.procs\ncgroup.subtree_control\nmemory.reclaim\n');
    for (const file of ['cgroup.controllers', 'cgroup.events']) this.write(file, '');
    symlinkSync(this.turnedOn.path, join(this.cgroup, 'cgroup.subtree_control'));
    this.command('id', `echo ${uid}`);
    this.command('chown', `echo "$@" >> ${this.folder}/chowned`);
    // A new group has files at once; those of a folder must be put there.
    this.command('mkdir', `/bin/mkdir "$1" && cd "$1" && ln -s ${this.moved.path} cgroup.procs && touch ${FILES}`);
    this.command(
      'setpriv',
      `echo "$@" > ${this.folder}/dropped; while [ "$1" != -- ]; do shift; done; shift; exec "$@"`,
    );
    this.command('hook-supervisor-delegate', `exec ${DOCKER}/delegate.sh "$1" ${this.cgroup} ${this.list}`);
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.cgroup, file), text);
  }

  removeFile(file: string): void {
    rmSync(join(this.cgroup, file));
  }

  command(name: string, script: string): void {
    const file = join(this.bin, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  /** @returns what the script said and how it ended; it finds itself in the cgroup, with process 1. */
  run(script: 'delegate.sh' | 'entrypoint.sh', ...args: string[]) {
    // The shell that writes its number becomes the script, which is how the number comes to be the script's.
    const enter = script === 'delegate.sh' ? `printf '1\\n%s\\n' "$$" > "$0/cgroup.procs"; exec "$@"` : 'exec "$@"';
    const file = join(DOCKER, script);
    const more = script === 'delegate.sh' ? ['hook', this.cgroup, this.list] : args;
    return spawnSync('/bin/sh', ['-c', enter, this.cgroup, file, ...more], {
      env: { PATH: `${this.bin}:/usr/bin:/bin` },
      encoding: 'utf8',
    });
  }

  chowned(): string[] {
    return lines(join(this.folder, 'chowned'));
  }

  dropped(): string[] {
    return lines(join(this.folder, 'dropped'));
  }

  movedIn(): string[] {
    return this.moved.lines();
  }

  controllersOn(): string[] {
    return this.turnedOn.lines();
  }

  remove(): void {
    this.moved.close();
    this.turnedOn.close();
    rmSync(this.folder, { recursive: true });
  }
}

function lines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

class Pipe {
  private readonly fd: number;

  constructor(readonly path: string) {
    spawnSync('mkfifo', [path]);
    this.fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  }

  lines(): string[] {
    const buffer = Buffer.alloc(4096);
    const length = readSync(this.fd, buffer);
    return buffer.toString('latin1', 0, length).split('\n').filter(Boolean);
  }

  close(): void {
    closeSync(this.fd);
  }
}
