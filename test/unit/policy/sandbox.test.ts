/** What a confined hook sees and may write, from the files of a made-up machine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { guardedPlaces } from '../../../supervisor/policy/guarded.js';
import type { PathFacts } from '../../../supervisor/policy/paths.js';
import { commonPaths, type Sandbox, type SandboxRequest, sandboxOf } from '../../../supervisor/policy/sandbox.js';
import { files } from './files.js';

const HOME = '/home/u';
const OWN = ['/run/user/1000/hook-supervisor', '/home/u/.local/state/hook-supervisor'];
const MACHINE = [
  '/usr/bin/python3',
  '/bin -> /usr/bin',
  '/home/u/.ssh/id',
  '/home/u/.claude/',
  '/home/u/w/p/.git/hooks/',
];
const SCRIPT = '/home/u/w/p/hooks/guard.py';

function answer(change: Partial<SandboxRequest> = {}, tree: PathFacts = files(...MACHINE, SCRIPT)) {
  const request: SandboxRequest = {
    ...{ level: 'restricted', cwd: '/home/u/w/p/src', home: HOME, scripts: [SCRIPT], programs: ['/usr/bin/python3'] },
    ...{ common: ['/usr'], read: [], write: [], own: [], handlers: [], canProtect: true, ...change },
  };
  return sandboxOf(request, guardedPlaces(HOME, OWN, tree), tree);
}

function sandbox(change: Partial<SandboxRequest> = {}, tree?: PathFacts): Sandbox {
  const given = answer(change, tree);
  if ('refused' in given) throw new Error(given.refused);
  return given;
}

function refused(change: Partial<SandboxRequest>, tree?: PathFacts): string {
  const given = answer(change, tree);
  return 'refused' in given ? given.refused : '';
}

describe('the project', () => {
  test('is the nearest folder with a mark', () => {
    expect(sandbox().project).toBe('/home/u/w/p');
    expect(sandbox({ cwd: '/home/u/w/p' }).project).toBe('/home/u/w/p');
    const tree = files(...MACHINE, '/home/u/w/p/sub/.codex/', '/home/u/w/p/sub/x/y/');
    expect(sandbox({ cwd: '/home/u/w/p/sub/x/y' }, tree).project).toBe('/home/u/w/p/sub');
  });

  test('without a mark it is the current folder: those that agents keep in the home mark nothing', () => {
    expect(sandbox({ cwd: '/home/u/other/x' }).project).toBe('/home/u/other/x');
  });

  test.each([
    ['/', 'the root'],
    ['/home', 'the home is below it'],
    ['/home/u', 'it is the home'],
    ['/home/u/.ssh', 'a secret of the home'],
    ['/home/u/.ssh/keys', 'a secret of the home'],
    ['/home/u/.config', 'a secret of the home'],
    ['/home/u/.local/state', "the supervisor's own files"],
    ['/run/user/1000/hook-supervisor/x', "the supervisor's own files"],
    ['', 'has no name'],
  ])('%s is refused: %s', (cwd, why) => {
    expect(refused({ cwd })).toContain(why);
  });

  test('a home or a secret that is a link is refused by its real name, too', () => {
    const tree = files('/data/u/.ssh/id', '/home/u -> /data/u', '/data/dots/aws/', '/data/u/.aws -> /data/dots/aws');
    expect(refused({ cwd: '/data/u' }, tree)).toContain('it is the home');
    expect(refused({ cwd: '/data/dots' }, tree)).toContain('a secret of the home');
  });
});

describe('what is read', () => {
  test('system, project and nothing of the home', () => {
    expect(sandbox().read).toEqual(['/usr', '/home/u/w/p']);
  });

  test('the folder of a script outside of the project; by itself where the folder is more', () => {
    const tree = files(...MACHINE, '/srv/h/a.py', '/home/u/a.py', '/tmp/a.py', '/home/u/.claude/a.py');
    expect(sandbox({ scripts: ['/srv/h/a.py'] }, tree).read).toContain('/srv/h');
    for (const script of ['/home/u/a.py', '/tmp/a.py', '/home/u/.claude/a.py']) {
      expect(sandbox({ scripts: [script] }, tree).read).toEqual(['/usr', '/home/u/w/p', script]);
    }
  });

  test('a script that is a link: by both of its names', () => {
    const tree = files(...MACHINE, '/srv/real/a.py', '/srv/h/', '/srv/h/a.py -> /srv/real/a.py');
    expect(sandbox({ scripts: ['/srv/h/a.py'] }, tree).read).toEqual(['/usr', '/home/u/w/p', '/srv/h', '/srv/real']);
  });

  test('a folder or a name without a file shows nothing', () => {
    const tree = files(...MACHINE, '/home/u/private/x/');
    expect(sandbox({ scripts: ['/home/u/private/x', '/home/u/private/y'] }, tree).read).toEqual([
      '/usr',
      '/home/u/w/p',
    ]);
  });

  test('the prefix of an interpreter, of a virtual environment both; of a program that is in no bin only itself', () => {
    const tree = files(...MACHINE, '/o/py/bin/python3', '/v/bin/', '/v/bin/python -> /o/py/bin/python3', '/w/x/tool');
    expect(sandbox({ programs: ['/v/bin/python'] }, tree).read).toEqual(['/usr', '/v', '/o/py', '/home/u/w/p']);
    expect(sandbox({ programs: ['/w/x/tool'] }, tree).read).toContain('/w/x/tool');
    expect(sandbox({ programs: ['/bin/sh'] }, files(...MACHINE, '/usr/bin/sh')).read).toContain('/bin/sh');
  });

  test('of a program in the bin of the home only itself', () => {
    const tree = files(...MACHINE, '/home/u/bin/tool');
    expect(sandbox({ programs: ['/home/u/bin/tool'] }, tree).read).toEqual(['/usr', '/home/u/bin/tool', '/home/u/w/p']);
  });

  test('what every hook may read: what is there of system, tools and the harmless part of /etc', () => {
    const tree = files(
      '/usr/bin/x',
      '/bin -> /usr/bin',
      '/etc/passwd',
      '/etc/shadow',
      '/home/u/.nvm/v/',
      '/home/u/.ssh/k',
    );
    expect(commonPaths(HOME, tree)).toEqual(['/usr', '/bin', '/etc/passwd', '/home/u/.nvm']);
  });

  test('configured paths that exist, a secret among them', () => {
    expect(sandbox({ read: ['/home/u/.ssh/id', '/nowhere'] }).read).toContain('/home/u/.ssh/id');
    expect(sandbox({ read: ['/nowhere'] }).read).not.toContain('/nowhere');
  });
});

describe('where a link leads', () => {
  const P = '/home/u/w/p';
  const tree = files(...MACHINE, SCRIPT, `${P}/out -> /home/u/.ssh`, `${P}/a.py -> /home/u/.ssh/id`);

  test('a configured path that leads to a secret is refused, read or written', () => {
    const why = `${P}/out cannot be given to a confined hook: it has to do with /home/u/.ssh, a secret of the home`;
    for (const level of ['restricted', 'untrusted'] as const) {
      expect(refused({ level, write: [`${P}/out`] }, tree)).toBe(why);
      expect(refused({ level, read: [`${P}/out`] }, tree)).toBe(why);
    }
    expect(refused({ write: [`${P}/out`] }, files(...MACHINE, SCRIPT, `${P}/out -> /home/u`))).toContain(
      'it is the home',
    );
  });

  test('a secret that is named itself is meant, also where it is a link; one to elsewhere is followed', () => {
    const dots = files(...MACHINE, SCRIPT, '/home/u/.ssh/known -> /home/u/dots/known', '/home/u/dots/known');
    expect(sandbox({ read: ['/home/u/.ssh/known'] }, dots).read).toContain('/home/u/.ssh/known');
    expect(
      sandbox({ write: [`${P}/out`] }, files(...MACHINE, SCRIPT, `${P}/out -> /srv/out`, '/srv/out/')).write,
    ).toEqual([P]);
  });

  test('a script that is a secret, or leads to one, is refused unless it is named', () => {
    const why =
      '/home/u/.ssh/id cannot be given to a confined hook: it has to do with /home/u/.ssh, a secret of the home';
    expect(refused({ scripts: ['/home/u/.ssh/id'] }, tree)).toBe(why);
    expect(refused({ scripts: [`${P}/a.py`] }, tree)).toBe(why);
    expect(refused({ scripts: ['/home/u/.ssh/none'] }, tree)).toBe('');
    expect(sandbox({ scripts: [`${P}/a.py`], read: ['/home/u/.ssh/id'] }, tree).read).toContain('/home/u/.ssh/id');
  });
});

test('more paths than the launcher takes are refused', () => {
  const paths = Array.from({ length: 97 }, (_, n) => `/data/${n}`);
  expect(refused({ read: paths }, files(...MACHINE, SCRIPT, ...paths))).toContain('more than 96 paths to read');
  expect(refused({ write: paths }, files(...MACHINE, SCRIPT, ...paths))).toContain('more than 96 paths to write');
});

describe('what is written', () => {
  test('restricted: the project, configured folders; untrusted: configured folders only', () => {
    const tree = files(...MACHINE, SCRIPT, '/srv/out/');
    expect(sandbox({ write: ['/srv/out', '/nowhere'] }, tree).write).toEqual(['/home/u/w/p', '/srv/out']);
    expect(sandbox({ level: 'untrusted', write: ['/srv/out'] }, tree).write).toEqual(['/srv/out']);
    expect(sandbox({ level: 'untrusted' }, tree)).toMatchObject({ write: [], protect: [] });
  });

  test('without a mount namespace nothing can be protected: the project is not written, only what is configured', () => {
    const tree = files(...MACHINE, SCRIPT, '/srv/repo/.git/');
    const { write, protect } = sandbox({ canProtect: false, write: ['/srv/repo'] }, tree);
    expect({ write, protect }).toEqual({ write: ['/srv/repo'], protect: [] });
  });
});

describe('a plugin', () => {
  const root = '/home/u/.claude/plugins/cache/shop/tidy/1.0';
  const script = `${root}/hooks/h.py`;
  const tree = files(
    ...[...MACHINE, script, `${root}/.claude-plugin/plugin.json`, '/home/u/.claude/plugins/cache/shop/other/x'],
    '/home/u/.claude/plugins/data/tidy-shop/',
  );

  test('sees all of itself and no other, and writes its data folder', () => {
    expect(sandbox({ scripts: [script] }, tree)).toMatchObject({
      read: ['/usr', '/home/u/w/p', root],
      write: ['/home/u/w/p', '/home/u/.claude/plugins/data/tidy-shop'],
    });
    expect(sandbox({ scripts: [script], level: 'untrusted' }, tree).write).toEqual([]);
  });

  test('without a mark only the folder of its script; directly among the plugins only the script', () => {
    const bare = files(...MACHINE, script, '/home/u/.claude/plugins/h.py');
    expect(sandbox({ scripts: [script] }, bare).read).toContain(`${root}/hooks`);
    expect(sandbox({ scripts: ['/home/u/.claude/plugins/h.py'] }, bare).read).toContain('/home/u/.claude/plugins/h.py');
  });
});

describe('what stays as it is', () => {
  test("agents' folders, there or not; others where they are; the repository; the script", () => {
    const tree = files(...MACHINE, SCRIPT, '/home/u/w/p/.envrc', '/home/u/w/p/CLAUDE.md', '/home/u/w/p/.venv/bin/');
    const names = [
      '.claude',
      '.codex',
      '.gemini',
      '.cursor',
      '.agents',
      '.vscode',
      'CLAUDE.md',
      '.envrc',
      '.venv',
      '.git',
    ];
    expect(sandbox({}, tree).protect).toEqual([...names.map((name) => `/home/u/w/p/${name}`), SCRIPT]);
  });

  test('each name in the table of operations.md, where it exists, and no other', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
    const start = text.indexOf('| who runs or obeys them unasked |');
    const rows = text.slice(start, text.indexOf('\n\n', start)).split('\n').slice(2);
    const names = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    );
    expect(names.length).toBeGreaterThan(30);
    const protect = (existing: string[]) => {
      const tree = files(...MACHINE, ...existing.map((name) => `/home/u/w/p/${name}`), '/home/u/w/p/Makefile');
      return sandbox({ scripts: [] }, tree).protect;
    };
    const added = protect(names).filter((path) => !protect([]).includes(path));
    expect(added.sort()).toEqual(names.map((name) => `/home/u/w/p/${name}`).sort());
  });

  test('a text of a shell is no script, though it would name one below the project', () => {
    expect(sandbox({ scripts: ['/home/u/w/p/echo x > hooks/x'] }).protect).toEqual(
      expect.not.arrayContaining([expect.stringContaining('echo')]),
    );
  });

  test('a repository that is not there yet, or is a file, is held as well', () => {
    expect(sandbox({ cwd: '/home/u/x' }, files(...MACHINE, '/home/u/x/')).protect).toContain('/home/u/x/.git');
    const worktree = files(...MACHINE, '/home/u/tree/.git');
    expect(sandbox({ cwd: '/home/u/tree', write: ['/home/u/tree/.git'] }, worktree).protect).toContain(
      '/home/u/tree/.git',
    );
  });

  test('a repository that is given by name keeps its hooks and its config', () => {
    const { protect } = sandbox({ write: ['/home/u/w/p/.git'] });
    expect(protect).not.toContain('/home/u/w/p/.git');
    expect(protect).toEqual(expect.arrayContaining(['/home/u/w/p/.git/hooks', '/home/u/w/p/.git/config']));
  });

  test('another protected folder that is given by name is given', () => {
    const { protect } = sandbox({ write: ['/home/u/w/p/.vscode'] }, files(...MACHINE, SCRIPT, '/home/u/w/p/.vscode/'));
    expect(protect).not.toContain('/home/u/w/p/.vscode');
    expect(protect).toContain('/home/u/w/p/.claude');
  });

  test('in a configured folder that is a project of its own, too; in another nothing', () => {
    const tree = files(...MACHINE, SCRIPT, '/srv/repo/.git/', '/srv/out/');
    const { protect } = sandbox({ write: ['/srv/repo', '/srv/out'] }, tree);
    expect(protect).toContain('/srv/repo/.claude');
    expect(protect.filter((path) => path.startsWith('/srv/out'))).toEqual([]);
  });

  test('a project that untrusted hooks may write by configuration', () => {
    const { write, protect } = sandbox({ level: 'untrusted', write: ['/home/u/w/p'] });
    expect(write).toEqual(['/home/u/w/p']);
    expect(protect).toEqual(expect.arrayContaining(['/home/u/w/p/.claude', '/home/u/w/p/.git', SCRIPT]));
  });

  describe('what is configured to run', () => {
    const P = '/home/u/w/p';
    const hooks = (...commands: string[]) =>
      JSON.stringify({ hooks: { Stop: [{ hooks: commands.map((command) => ({ type: 'command', command })) }] } });
    const kept = (entries: string[], change: Partial<SandboxRequest> = {}) =>
      sandbox({ scripts: [], ...change }, files(...MACHINE, `${P}/a.py`, `${P}/lib/b.sh`, ...entries)).protect.filter(
        (path) => path.endsWith('.py') || path.startsWith(`${P}/lib`),
      );

    test.each([
      ['.claude/settings.json', hooks('python3 "$CLAUDE_PROJECT_DIR"/a.py')],
      ['.claude/settings.local.json', hooks('cd ${CLAUDE_PROJECT_DIR} && ./a.py | tee x')],
      ['.claude/settings.json', hooks(`supervisor-hook sh -- 'python3 '"\${CLAUDE_PROJECT_DIR-}"'/a.py'`)],
      ['.claude/settings.json', hooks('python3 ${NOT_SET:-.}/a.py')],
      ['.codex/hooks.json', hooks(`env X=1 python3 '${P}/a.py' --fast`)],
      ['.codex/config.toml', '[[hooks.Stop]]\ncommand = "python3 a.py"\n'],
      ['.gemini/settings.json', hooks('python3 $GEMINI_PROJECT_DIR/a.py')],
      ['.cursor/hooks.json', '{"version":1,"hooks":{"stop":[{"command":"./a.py"}]}}'],
      ['.mcp.json', '{"mcpServers":{"x":{"command":"python3","args":["./a.py"]}}}'],
      ['.claude/settings.json', '{"statusLine":{"type":"command","command":"./a.py"}, // a comment'],
    ])('by the project, in %s', (name, text) => {
      expect(kept([`${P}/${name} = ${text}`])).toEqual([`${P}/a.py`]);
    });

    test('by the user, for every project', () => {
      expect(kept([`/home/u/.claude/settings.json = ${hooks('"$CLAUDE_PROJECT_DIR"/a.py')}`])).toEqual([`${P}/a.py`]);
    });

    test('a link by both names', () => {
      const tree = [`${P}/l.py -> ${P}/lib/b.sh`, `${P}/.claude/settings.json = ${hooks('./l.py')}`];
      expect(kept(tree)).toEqual([`${P}/l.py`, `${P}/lib/b.sh`]);
    });

    test('by a name that leads into the project through a link', () => {
      const links = ['/short -> /home/u/w', `/home/u/.claude/settings.json = ${hooks('/short/p/a.py')}`];
      expect(kept(links, { handlers: ['/short/p/lib/*.sh'] })).toEqual([`${P}/a.py`, `${P}/lib`]);
    });

    test('not what settings name in another way, nor what is not there or no file, nor what the handler is given', () => {
      const text = JSON.stringify({ permissions: { allow: ['Edit(./a.py)'] }, env: { X: './a.py' } });
      expect(kept([`${P}/.claude/settings.json = ${text}`])).toEqual([]);
      expect(kept([`${P}/.claude/settings.json = ${hooks('./c.py', 'ls lib', 'ls ..')}`])).toEqual([]);
      const named = `${P}/.claude/settings.json = ${hooks('./a.py')}`;
      expect(kept([named], { write: [`${P}/a.py`] })).toEqual([]);
    });

    test('what a handler names, and the folder in which its pattern begins; not the whole project', () => {
      const handlers = [`${P}/a.py`, `${P}/lib/*.sh`, `${P}/**/x`, '**/*.py', '/elsewhere/a.py', `${P}/absent`];
      expect(kept([], { handlers })).toEqual([`${P}/a.py`, `${P}/lib`]);
    });

    test('more files than are looked at are refused', () => {
      const many = Array.from({ length: LIMITS.calledFilesMax + 1 }, (_, number) => `./f${number}.py`);
      const tree = files(...MACHINE, `${P}/.claude/settings.json = ${hooks(...many)}`);
      expect(refused({ scripts: [] }, tree)).toContain(`more than ${LIMITS.calledFilesMax} files`);
    });
  });

  test('a script outside of what is written needs nothing', () => {
    const tree = files(...MACHINE, '/srv/h/a.py');
    expect(sandbox({ scripts: ['/srv/h/a.py'] }, tree).protect).not.toContain('/srv/h/a.py');
  });
});
