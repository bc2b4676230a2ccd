/** Shims of version managers: the same answer directly and supervised, from a warm interpreter, and from the right one as
 *  soon as a version file comes, changes or goes. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Explanation } from '../../supervisor/contract/outcome.js';
import { HOOK_CLIENT, TestDaemon } from '../lib/daemon.js';
import { pidsNaming } from '../lib/processes.js';
import { source } from '../lib/source.js';
import { waitFor } from '../lib/wait.js';
import { SHOW_START } from './cases/python-probes.js';
import { type ShimTool, TOOLS } from './shim-tools.js';

const HOOK = source`
  import os
  print(list(os.environb.items()), flush=True)
  os.execv('/usr/bin/env', ['env', '-0'])
`;
const LEARNED_WITHIN_MS = 60_000; // pyenv runs some forty programs, and twice
vi.setConfig({ testTimeout: 5 * LEARNED_WITHIN_MS });

let daemon: TestDaemon;
let root: string;
beforeAll(() => {
  daemon = TestDaemon.start();
  root = realpathSync(daemon.home.root);
});
afterAll(async () => {
  expect(await daemon?.stop(), 'left behind').toEqual([]);
});

for (const { name, missing, make } of TOOLS) {
  describe.skipIf(missing !== undefined)(`${name}${missing === undefined ? '' : ` (${missing})`}`, () => {
    let tool: ShimTool;
    let project: string;
    let folder: string;
    let env: Record<string, string>;

    beforeAll(() => {
      const place = join(root, name.replaceAll(' ', '-'));
      tool = make(join(place, 'tool'));
      project = join(place, 'project');
      folder = join(project, 'sub');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'hook.py'), SHOW_START + HOOK);
      writeFileSync(join(folder, 'hook'), `#!/usr/bin/env python3\n${SHOW_START}${HOOK}`);
      chmodSync(join(folder, 'hook'), 0o755);
      env = { HOME: daemon.home.home, LANG: 'C.UTF-8', ...tool.env };
    });

    function run(argv: readonly string[]) {
      const [program = '', ...args] = argv;
      const { status, signal, stdout, stderr } = spawnSync(program, args, { env, cwd: folder, encoding: 'latin1' });
      return { status, signal, stdout, stderr: stderr.replace(/\d+ms/g, 'some ms') }; // mise tells how long it took
    }

    const explainFile = () => join(daemon.home.root, 'explain.json');

    /** Once directly and once supervised: the same. */
    function same(argv: readonly string[], form: 'run' | 'sh' = 'run') {
      const direct = run(form === 'run' ? argv : ['/bin/sh', '-c', argv.join(' ')]);
      rmSync(explainFile(), { force: true });
      const options = ['--explain', explainFile(), '--socket', daemon.home.callSocket];
      const supervised = run([HOOK_CLIENT, form, ...options, ...(form === 'run' ? ['--', ...argv] : [argv.join(' ')])]);
      expect(supervised).toEqual(direct);
      return { ...direct, explained: JSON.parse(readFileSync(explainFile(), 'utf8')) as Explanation };
    }

    /** Again and again until a warm interpreter answers. */
    async function warm(argv: readonly string[], form: 'run' | 'sh' = 'run') {
      let last = '';
      const answered = () => {
        const answer = same(argv, form);
        last = answer.explained.why;
        return answer.explained.path === 'worker' ? answer : undefined;
      };
      return waitFor('a warm interpreter', async () => answered(), LEARNED_WITHIN_MS).catch((error: Error) => {
        throw new Error(`${error.message}; the last call said: ${last}`);
      });
    }

    it.each(['run', 'sh'] as const)('python3 hook.py (%s)', async (form) => {
      const answer = await warm(['python3', 'hook.py', 'x'], form);
      expect(answer).toMatchObject({ status: 0, stderr: '', explained: { runtime: 'python' } });
      expect(answer.stdout).toContain("['hook.py', 'x']");
    });

    it('a script whose #! line leads to the shim', async () => {
      expect(await warm(['./hook', 'x'])).toMatchObject({ status: 0, explained: { runtime: 'python' } });
    });

    it('the shim by its own path, and another environment', async () => {
      env.ANOTHER = 'one';
      const argv = [join(tool.shims, 'python3'), '-u', 'hook.py'];
      expect((await warm(argv)).stdout).toContain('ANOTHER=one\0');
      env.ANOTHER = 'two';
      expect(same(argv).stdout).toContain('ANOTHER=two\0');
    });

    it('a version file that comes, changes and goes: the very next call has the new version', async () => {
      const argv = ['python3', 'hook.py'];
      const [above, here] = [join(project, tool.versionFile), join(folder, tool.versionFile)];
      const executable = (version: 'one' | 'two') =>
        new RegExp(`/${version === 'one' ? '(one|3.0.1)' : '(two|3.0.2)'}/bin/`);
      const steps: ['one' | 'two', () => void][] = [
        ['one', () => {}],
        ['two', () => writeFileSync(above, tool.choose('two'))],
        ['one', () => writeFileSync(here, tool.choose('one'))],
        ['two', () => writeFileSync(here, tool.choose('two'))],
        ['two', () => rmSync(here)],
        ['one', () => rmSync(above)],
        ['two', () => tool.setGlobal('two')],
        ['one', () => tool.setGlobal('one')],
      ];
      for (const [version, change] of steps) {
        change();
        expect(same(argv).stdout.split('\n')[3]).toMatch(executable(version));
        await warm(argv);
        expect(same(argv)).toMatchObject({ explained: { path: 'worker' } });
      }
    });

    it('a version that is not there: whatever the tool makes of it', async () => {
      const file = join(folder, tool.versionFile);
      expect((await warm(['python3', 'hook.py'])).stdout).toContain(tool.env.PATH);
      writeFileSync(file, tool.choose('one').replace(/one|3\.0\.1/, '9.9.9'));
      const missing = [1, 2, 3, 4].map(() => same(['python3', 'hook.py']));
      expect(missing.map(({ stdout }) => stdout).join('')).not.toMatch(/(one|3\.0\.1)\/bin\/python3 /);
      rmSync(file);
      expect(same(['python3', 'hook.py'])).toMatchObject({ status: 0 });
    });
  });
}

it('a shim of Node', async () => {
  const place = join(root, 'node-shim');
  const tool = (TOOLS[0] as (typeof TOOLS)[0]).make(join(place, 'tool'));
  const env = { HOME: daemon.home.home, ...tool.env };
  const script = 'console.log(process.argv, process.argv0, process.execPath, Object.entries(process.env))';
  writeFileSync(join(place, 'hook.js'), script);
  const run = (argv: string[]) => spawnSync(argv[0] as string, argv.slice(1), { env, cwd: place, encoding: 'latin1' });
  const direct = run(['node', 'hook.js', 'x']);
  const explained = await waitFor(
    'a warm Node',
    async () => {
      const explainFile = join(place, 'explain');
      rmSync(explainFile, { force: true });
      const options = ['--explain', explainFile, '--socket', daemon.home.callSocket];
      const supervised = run([HOOK_CLIENT, 'run', ...options, '--', 'node', 'hook.js', 'x']);
      expect([supervised.status, supervised.stdout, supervised.stderr]).toEqual([0, direct.stdout, direct.stderr]);
      const explanation = JSON.parse(readFileSync(explainFile, 'utf8')) as Explanation;
      return explanation.path === 'worker' ? explanation : undefined;
    },
    LEARNED_WITHIN_MS,
  );
  expect(explained.runtime).toBe('node');
});

it('a daemon that ends while it learns of a shim leaves nothing of it', async () => {
  const other = TestDaemon.start();
  const place = join(realpathSync(other.home.root), 'slow');
  const tool = (TOOLS[0] as (typeof TOOLS)[0]).make(join(place, 'tool'));
  writeFileSync(join(place, 'tool/libexec/pyenv'), '#!/bin/sh\nwhile :; do :; done\n');
  const options = { env: { HOME: place, ...tool.env }, cwd: place };
  for (let calls = 0; calls < 2; calls++) {
    const client = ['run', '--timeout', '100ms', '--socket', other.home.callSocket, '--', 'python3', 'x.py'];
    expect(spawnSync(HOOK_CLIENT, client, options).status).not.toBe(0);
  }
  await waitFor('the tracer', () => (pidsNaming(place).length > 0 ? true : undefined));
  expect(await other.stop(), 'left behind').toEqual([]);
});
