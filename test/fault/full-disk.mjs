// A daemon whose state and runtime folders lie on a small disk that is full for a while.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BY_DAEMON, SpoiledDisk } from './spoiled-disk.mjs';

const filler = join(tmpdir(), 'filler');
const disk = new SpoiledDisk('full', 20);
const { seen } = disk;

function fill() {
  for (const bytes of [4096, 1]) {
    try {
      for (;;) writeFileSync(filler, Buffer.alloc(bytes), { flag: 'a' });
    } catch (error) {
      seen.code = error.code;
    }
  }
}

await disk.play(async () => {
  await disk.until('the records', ({ records }) => records.state === 'on' || records.state === 'unavailable');
  fill();
  seen.whileFull = disk.answered(...BY_DAEMON);
  await disk.replaceKeeper();
  seen.withAnotherKeeper = disk.answered(...BY_DAEMON);
  const { degraded } = await disk.until('the trouble to be told', ({ records }) => records.state !== 'on');
  seen.degraded = degraded.map(({ layer }) => layer);
  disk.verb('down');
  disk.up();
  seen.startedWhileFull = disk.answered(...BY_DAEMON);
  disk.verb('down');
  rmSync(filler);
  disk.up();
  seen.afterwards = disk.answered(...BY_DAEMON);
  await disk.until('the records', ({ records }) => records.state === 'on' && records.waiting === 0);
  const log = readFileSync(join(disk.env.XDG_STATE_HOME, 'hook-supervisor', 'daemon.log'), 'utf8');
  seen.lastLogLine = log.trimEnd().split('\n').at(-1);
});
