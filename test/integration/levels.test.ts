/** Hooks above `contained`, from the configuration and from the client's flag. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../supervisor/contract/limits.js';
import type { PoolStatus } from '../../supervisor/contract/status.js';
import { TestDaemon, TestHome } from '../lib/daemon.js';
import { type HookEnd, runHook } from '../lib/hook.js';
import { onlyAt } from '../lib/only-at.js';
import { findPython } from '../lib/python.js';
import { waitFor } from '../lib/wait.js';

let daemon: TestDaemon;
let home: TestHome;
/** Not in the tests' own folder: that holds the home, and lies in /tmp, which a sandbox has of its own. */
let outside: string;
let project: string;

beforeAll(() => {
  outside = mkdtempSync('/var/tmp/hook-supervisor-levels-');
  project = join(outside, 'project');
  mkdirSync(join(project, '.git'), { recursive: true });
  mkdirSync(join(outside, 'hooks'));
  writeFileSync(join(outside, 'secret'), 'secret');
  home = new TestHome();
  mkdirSync(join(home.home, '.config/hook-supervisor'), { recursive: true });
  const handlers = [
    { match: `${outside}/hooks/strict.sh`, level: 'restricted' },
    { match: `${outside}/hooks/impossible.sh`, level: 'restricted', require: ['otherUid'] },
  ];
  const text = JSON.stringify({ handlers });
  writeFileSync(join(home.home, '.config/hook-supervisor/config.json'), text, { mode: 0o600 });
  daemon = TestDaemon.startIn(home);
});
afterAll(async () => {
  const left = await daemon?.stop();
  rmSync(outside, { recursive: true, force: true });
  expect(left).toEqual([]);
});

function script(name: string, text: string): string {
  const path = join(outside, 'hooks', name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

function hook(argv: readonly string[], options: readonly string[] = [], folder = project): Promise<HookEnd> {
  return runHook(home, argv, { options, through: ['env', '-C', folder, 'MY_TOKEN=secret'] });
}

const shell = (text: string, level: string) => hook(['/bin/sh', '-c', text], ['--level', level]);

describe('refused: exit 2, the reason in one line, and nothing runs', () => {
  it('a project that holds the home', async () => {
    const end = await hook(['/bin/sh', '-c', `echo ran > ${project}/ran`], ['--level', 'restricted'], home.root);
    expect(end).toMatchObject({ code: 2, stdout: '', explained: { path: null, outcome: 'refused' } });
    expect(end.stderr).toMatch(/^supervisor-hook: blocked, .* cannot be given to a confined hook: .*\n$/);
    expect(() => readFileSync(join(project, 'ran'))).toThrow('ENOENT');
  });

  it('a layer that its handler requires and no process has, though the client asks for no level', async () => {
    const end = await hook([script('impossible.sh', `echo ran > ${project}/ran`)]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain('does not give otherUid, which its handler requires');
    expect(() => readFileSync(join(project, 'ran'))).toThrow('ENOENT');
  });
});

describe('restricted', onlyAt('restricted'), () => {
  it('writes the project and nothing else, reads neither other folders nor secrets of the environment', async () => {
    const text = `echo a > written; cat ${outside}/secret; echo b > ${outside}/x; echo "token \${MY_TOKEN-none}"`;
    const end = await shell(text, 'restricted');
    expect(end.stdout).toBe('token none\n');
    expect(readFileSync(join(project, 'written'), 'utf8')).toBe('a\n');
    expect(() => readFileSync(join(outside, 'x'))).toThrow('ENOENT');
    expect(end.explained).toMatchObject({ level: 'restricted', path: 'exec' });
    expect(end.explained?.enforced).toEqual(expect.arrayContaining(['landlock', 'seccomp', 'noNewPrivs']));
  });

  it("does not change the repository or agents' folders", async () => {
    const end = await shell(
      'echo x > .git/config; mkdir .claude/hooks; mv .git .g; ls -A .claude; echo end',
      'restricted',
    );
    expect(end.stdout).toBe('end\n');
    expect(() => readFileSync(join(project, '.git/config'))).toThrow('ENOENT');
    expect(() => readFileSync(join(project, '.g'))).toThrow('ENOENT');
  });

  it('makes no folder for the words of a text', async () => {
    await shell('( mkdir -p absent/folder && echo x > absent/folder/x ) 2> absent/errors', 'restricted');
    expect(readdirSync(project).filter((name) => name.includes('('))).toEqual([]);
  });

  it('runs after an instruction file was replaced, which outdates all that are parked', async () => {
    const other = join(outside, 'other');
    mkdirSync(join(other, '.git'), { recursive: true });
    writeFileSync(join(other, 'CLAUDE.md'), 'old');
    const run = (text: string) => hook(['/bin/sh', '-c', text], ['--level', 'restricted'], other);
    expect((await run('cat CLAUDE.md')).stdout).toBe('old');
    const isFull = ({ describes, parked }: PoolStatus) =>
      describes.endsWith(` in ${other}`) && parked === LIMITS.confinedParkedMax;
    await waitFor('parked processes', async () => (await daemon.status()).pools.find(isFull));
    writeFileSync(join(other, 'new'), 'new');
    renameSync(join(other, 'new'), join(other, 'CLAUDE.md'));
    expect(await run('echo evil > CLAUDE.md; cat CLAUDE.md')).toMatchObject({ code: 0, stdout: 'new' });
  });

  it('writes a script until settings name it as a hook, and from the next call on it does not', async () => {
    const other = join(outside, 'hooked');
    mkdirSync(join(other, '.claude'), { recursive: true });
    mkdirSync(join(other, 'scripts'));
    const written = join(other, 'scripts/stop.sh');
    writeFileSync(written, '');
    const run = () =>
      hook(['/bin/sh', '-c', 'echo x >> scripts/stop.sh && echo wrote'], ['--level', 'restricted'], other);
    // Often enough to be answered without a plan of its own.
    for (let call = 0; call < 3; call++) expect((await run()).stdout).toBe('wrote\n');
    const command = '"$CLAUDE_PROJECT_DIR"/scripts/stop.sh';
    const hooks = { Stop: [{ hooks: [{ type: 'command', command }] }] };
    writeFileSync(join(other, '.claude/settings.json'), JSON.stringify({ hooks }));
    expect(await run()).toMatchObject({ stdout: '', stderr: expect.stringMatching(/Read-only|denied/) });
    expect(readFileSync(written, 'utf8')).toBe('x\n'.repeat(3));
  });

  it('by the configuration alone, without a flag', async () => {
    const end = await hook([script('strict.sh', `cat ${outside}/secret`)]);
    expect(end).toMatchObject({ stdout: '', explained: { level: 'restricted' } });
  });

  it('a python goes through exec and says why', async () => {
    const end = await hook([findPython().executable, '-c', 'print(1)'], ['--level', 'restricted']);
    expect(end).toMatchObject({ code: 0, stdout: '1\n' });
    expect(end.explained?.why).toBe('no warm Python above contained yet');
  });

  it('is told by status, with the layers', async () => {
    const pool = (await daemon.status()).pools.find(({ level }) => level === 'restricted');
    expect(pool?.describes).toBe(`any command, restricted in ${project}`);
    expect(pool?.enforced).toEqual(expect.arrayContaining(['landlock']));
  });

  it('the switchboard answers it from the same pool', async () => {
    const argv = ['/bin/sh', '-c', `cat ${outside}/secret; echo "\${MY_TOKEN-none}"`];
    const plain = { options: ['--level', 'restricted'], through: ['env', '-C', project, 'MY_TOKEN=x'], explain: false };
    await waitFor('the switchboard to know the call', async () => {
      const before = (await daemon.status()).calls.switched;
      expect((await runHook(home, argv, plain)).stdout).toBe('none\n');
      return (await daemon.status()).calls.switched > before || undefined;
    });
  });
});

describe('untrusted', onlyAt('untrusted'), () => {
  it('reads the project and writes nothing, in namespaces of its own', async () => {
    const end = await shell('ls -A; echo a > untrusted; echo b > /tmp/x && cat /tmp/x', 'untrusted');
    expect(end.stdout).toContain('.git\n');
    expect(end.stdout).toContain('b\n');
    expect(() => readFileSync(join(project, 'untrusted'))).toThrow('ENOENT');
    expect(end.explained?.enforced).toEqual(
      expect.arrayContaining(['networkNamespace', 'pidNamespace', 'mountNamespace']),
    );
  });
});
