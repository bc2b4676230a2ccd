/** Somebody was there first: a runtime folder that is not exactly ours is refused and left as it is. */
import { chmodSync, chownSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ExitCode } from '../../supervisor/contract/status.js';
import { TestHome } from '../lib/daemon.js';

const NOBODY = 65534;
const SQUATTERS: Record<string, (folder: string, home: TestHome) => void> = {
  'a link to a good folder': (folder, home) => {
    mkdirSync(join(home.root, 'elsewhere'), { mode: 0o700 });
    symlinkSync(join(home.root, 'elsewhere'), folder);
  },
  'a link to nowhere': (folder) => symlinkSync('/no/such/folder', folder),
  'a folder that others may enter': (folder) => {
    mkdirSync(folder);
    chmodSync(folder, 0o755);
  },
  'a sticky folder': (folder) => {
    mkdirSync(folder);
    chmodSync(folder, 0o1700);
  },
};
if (process.getuid?.() === 0) {
  SQUATTERS['a folder of another user'] = (folder) => {
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, NOBODY, NOBODY);
  };
}

let home: TestHome;
beforeEach(() => {
  home = new TestHome();
});
afterEach(() => home.remove());

for (const [name, squat] of Object.entries(SQUATTERS)) {
  it(`${name}: up and status exit 77, with a remedy, and change nothing`, () => {
    squat(home.runtimeFolder, home);
    const before = lstatSync(home.runtimeFolder);
    for (const args of [['up', '-d'], ['up'], ['status']]) {
      const { status, stdout, stderr } = home.supervisor(args);
      expect(status, `${args}: ${stdout}${stderr}`).toBe(ExitCode.NO_PERMISSION);
      expect(stderr).toContain(home.runtimeFolder);
      expect(stderr).toMatch(/chmod 0700|SUPERVISOR_RUNTIME_DIR/);
    }
    const after = lstatSync(home.runtimeFolder);
    expect([after.ino, after.mode, after.uid, after.ctimeMs]).toEqual([
      before.ino,
      before.mode,
      before.uid,
      before.ctimeMs,
    ]);
  });
}
