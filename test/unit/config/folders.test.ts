import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chooseRuntimeFolder, type FolderSources, userFilePath } from '../../../supervisor/config/folders.js';
import {
  checkRuntimeFolder,
  leaveRuntimeFolder,
  prepareRuntimeFolder,
} from '../../../supervisor/config/runtime-folder.js';

const uid = process.geteuid?.() ?? 0;
let base: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'hs-folders-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function sources(env: NodeJS.ProcessEnv): FolderSources {
  return { env, uid, homeFolder: '/home/u', runUserFolder: join(base, 'run-user'), temporaryFolder: '/tmp' };
}

describe('choice of the runtime folder, strongest first', () => {
  test('SUPERVISOR_RUNTIME_DIR, XDG_RUNTIME_DIR, /run/user/UID, /tmp', () => {
    const xdg = join(base, 'xdg');
    mkdirSync(xdg);
    const own = join(base, 'own');
    const env = { SUPERVISOR_RUNTIME_DIR: own, XDG_RUNTIME_DIR: xdg };
    expect(chooseRuntimeFolder(sources(env))).toEqual({ ok: true, path: own });
    expect(chooseRuntimeFolder(sources({ XDG_RUNTIME_DIR: xdg }))).toEqual({
      ok: true,
      path: `${xdg}/hook-supervisor`,
    });
    expect(chooseRuntimeFolder(sources({}))).toEqual({ ok: true, path: `/tmp/hook-supervisor-${uid}` });
    const runUser = join(base, 'run-user', String(uid));
    mkdirSync(runUser, { recursive: true });
    expect(chooseRuntimeFolder(sources({}))).toEqual({ ok: true, path: `${runUser}/hook-supervisor` });
  });

  test.each(['missing', 'relative', 'foreign'])('XDG_RUNTIME_DIR that is %s is passed over', (kind) => {
    const value = { missing: join(base, 'gone'), relative: 'xdg', foreign: base }[kind] ?? '';
    const asked = { ...sources({ XDG_RUNTIME_DIR: value }), uid: kind === 'foreign' ? uid + 1 : uid };
    expect(chooseRuntimeFolder(asked)).toEqual({ ok: true, path: `/tmp/hook-supervisor-${asked.uid}` });
  });
});

test('the user file: XDG_CONFIG_HOME if absolute, else ~/.config', () => {
  expect(userFilePath(sources({ XDG_CONFIG_HOME: '/c' }))).toBe('/c/hook-supervisor/config.json');
  expect(userFilePath(sources({ XDG_CONFIG_HOME: 'c' }))).toBe('/home/u/.config/hook-supervisor/config.json');
});

describe('preparing the runtime folder', () => {
  test('absent: made with mode 0700 whatever the umask', () => {
    const before = process.umask(0o277);
    try {
      expect(prepareRuntimeFolder(join(base, 'run'), uid)).toBeUndefined();
    } finally {
      process.umask(before);
    }
    expect(statSync(join(base, 'run')).mode & 0o7777).toBe(0o700);
    expect(checkRuntimeFolder(join(base, 'run'), uid)).toEqual({ kind: 'ours' });
  });

  test.each(['755', '770', '500', '1700'])('mode %s is refused and left as it is', (octal) => {
    const mode = Number.parseInt(octal, 8);
    const path = join(base, 'run');
    mkdirSync(path);
    chmodSync(path, mode);
    expect(prepareRuntimeFolder(path, uid)?.what).toContain('must be 0700');
    expect(statSync(path).mode & 0o7777).toBe(mode);
  });

  test('a link to a folder of ours is refused', () => {
    mkdirSync(join(base, 'real'), { mode: 0o700 });
    symlinkSync(join(base, 'real'), join(base, 'run'));
    expect(prepareRuntimeFolder(join(base, 'run'), uid)?.what).toContain('is a link');
  });

  test('a file in its place is refused', () => {
    writeFileSync(join(base, 'run'), '');
    expect(prepareRuntimeFolder(join(base, 'run'), uid)?.what).toContain('not a folder');
  });

  test("somebody else's folder is refused", () => {
    mkdirSync(join(base, 'run'), { mode: 0o700 });
    expect(prepareRuntimeFolder(join(base, 'run'), uid + 1)?.what).toContain(`belongs to uid ${uid}`);
  });

  test('a place where nothing can be made is a value, not an exception', () => {
    expect(prepareRuntimeFolder('/proc/none/run', uid)?.what).toContain('cannot be made');
  });

  test('looking never makes it', () => {
    expect(checkRuntimeFolder(join(base, 'run'), uid)).toEqual({ kind: 'absent' });
    expect(statSync(join(base, 'run'), { throwIfNoEntry: false })).toBeUndefined();
  });
});

describe('the last one who uses a runtime folder', () => {
  test.each([
    ['that it has made: removes it', true, undefined, false],
    ['that was there: leaves it', false, undefined, true],
    ['in which a client has started a daemon: removes it with what that has said', false, 'file', false],
    ['with somebody else’s folder in it: leaves both', true, 'folder', true],
  ])('%s', (_what, isMade, starting, isLeft) => {
    const run = join(base, 'run');
    mkdirSync(run);
    if (starting === 'file') writeFileSync(join(run, 'starting'), 'words');
    if (starting === 'folder') mkdirSync(join(run, 'starting'));
    leaveRuntimeFolder(run, isMade);
    expect(existsSync(run)).toBe(isLeft);
  });
});
