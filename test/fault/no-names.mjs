// A daemon whose state and runtime folders lie on a disk that takes no further file for a while, though there is room.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLIENT } from '../bench/supervisor.mjs';
import { BY_DAEMON, SpoiledDisk } from './spoiled-disk.mjs';

const names = join(tmpdir(), 'names');
const disk = new SpoiledDisk('names', 10);
const { seen } = disk;
let made = 0;

function takeNames() {
  mkdirSync(names, { recursive: true });
  try {
    for (;;) writeFileSync(join(names, String(made++)), '');
  } catch (error) {
    seen.code = error.code;
  }
}

await disk.play(async () => {
  takeNames();
  seen.withoutNames = disk.answered(...BY_DAEMON);
  await disk.replaceKeeper();
  seen.withAnotherKeeper = disk.answered(...BY_DAEMON);
  disk.verb('down');
  takeNames();
  const before = readdirSync(disk.folder);
  const up = spawnSync(process.execPath, [join(CLIENT, '../supervisor'), 'up', '-d'], {
    env: disk.env,
    encoding: 'utf8',
  });
  seen.up = { status: up.status, stderr: up.stderr };
  seen.leftByStart = readdirSync(disk.folder).filter((name) => !before.includes(name));
  seen.withoutDaemon = disk.answered();
  rmSync(names, { recursive: true });
  disk.up();
  seen.afterwards = disk.answered(...BY_DAEMON);
});
