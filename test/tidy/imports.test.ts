import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFiles, ROOT } from './files.js';

/** Who may import whom in supervisor/. A room is a folder, or a file at the top. `*` is every room but those named after
 *  a minus. Rooms of one level never import each other. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  contract: [],
  'tune.ts': [],
  'native.ts': ['contract'],
  'process-stat.ts': ['contract'],
  config: ['contract'],
  intake: ['contract', 'native.ts'],
  agents: ['contract'],
  router: ['contract'],
  policy: ['contract'],
  isolation: ['contract'],
  scheduler: ['contract'],
  cache: ['contract'],
  breaker: ['contract'],
  store: ['contract'],
  ring: ['contract', 'native.ts'],
  cgroup: ['contract', 'native.ts'],
  egress: ['contract', 'native.ts'],
  pool: ['contract', 'native.ts', 'ring', 'cgroup', 'egress'],
  monitor: ['contract', 'native.ts', 'ring', 'cgroup'],
  placing: ['contract', 'native.ts', 'intake', 'router', 'policy', 'isolation', 'scheduler', 'pool'],
  recording: ['contract', 'intake'],
  'dispatch.ts': ['contract', 'native.ts', 'intake', 'router', 'scheduler', 'pool', 'ring', 'monitor', 'placing'],
  validating: [
    ...[
      'contract',
      'native.ts',
      'agents',
      'breaker',
      'cache',
      'intake',
      'placing',
      'policy',
      'pool',
      'ring',
      'scheduler',
    ],
  ],
  http: ['contract', 'agents', 'intake', 'policy'],
  control: ['contract'],
  library: ['contract', 'native.ts', 'config', 'agents', 'scheduler'],
  cli: [
    'contract',
    'process-stat.ts',
    'config',
    'agents',
    'policy',
    'isolation',
    'store',
    'recording',
    'control/client.ts',
    'validating/problems.ts',
  ],
  wiring: ['*', '-cli', '-main.ts'],
  'main.ts': ['*', '-cli'],
};

interface Import {
  from: string;
  to: string;
}

const sources = projectFiles('supervisor').filter(({ path }) => path.endsWith('.ts'));
const imports: Import[] = sources.flatMap(({ path, text }) =>
  [...text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']*)'/g)].map(([, specifier = '']) => ({
    from: path,
    to: posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts'),
  })),
);

function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function isAllowed({ from, to }: Import): boolean {
  const room = roomOf(from);
  const target = roomOf(to);
  if (room === target) return true;
  const allowed = MAY_IMPORT[room] ?? [];
  if (allowed.includes('*')) return !allowed.includes(`-${target}`);
  return allowed.includes(target) || allowed.some((one) => to === `supervisor/${one}`);
}

describe('supervisor', () => {
  test('every room stands in the table', () => {
    expect(sources.length).toBeGreaterThan(30);
    expect([...new Set(sources.map(({ path }) => roomOf(path)))].filter((room) => !(room in MAY_IMPORT))).toEqual([]);
  });

  test('imports follow the table', () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(imports.filter((one) => !isAllowed(one)).map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  test('every relative import names a file that is there', () => {
    const known = new Set(sources.map(({ path }) => path));
    expect(imports.filter(({ to }) => !known.has(to))).toEqual([]);
  });

  test('no cycles between files', () => {
    expect(cycles()).toEqual([]);
  });

  test('only native.ts loads the addon', () => {
    const loaders = sources.filter(({ text }) => /node:module|createRequire|process\.dlopen/.test(text));
    expect(loaders.map(({ path }) => path)).toEqual(['supervisor/native.ts']);
  });

  test('what we use of zod comes from one file, which the build makes whole, with its licence', () => {
    const users = sources.filter(({ text }) => /from 'zod'/.test(text));
    expect(users.map(({ path }) => path)).toEqual(['supervisor/config/zod.ts']);
    const built = readFileSync(posix.join(ROOT, 'dist/config/zod.js'), 'utf8');
    expect(built).toContain('function strictObject(');
    expect(built).toContain('Permission is hereby granted, free of charge');
    expect(built.match(/\b(?:from|import)\s*\(?\s*['"]/g)).toBeNull();
  });

  test('of the rooms of agents only install does I/O', () => {
    const pure = sources.filter(
      ({ path }) => roomOf(path) === 'agents' && !path.startsWith('supervisor/agents/install/'),
    );
    expect(pure.length).toBeGreaterThan(10);
    expect(pure.filter(({ text }) => /from 'node:/.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('contract does no I/O', () => {
    const builtins = sources.filter(({ path, text }) => roomOf(path) === 'contract' && /from 'node:/.test(text));
    expect(builtins.map(({ path }) => path)).toEqual([]);
  });
});

function cycles(): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    else if (!done.has(path)) {
      for (const target of next.get(path) ?? []) visit(target, [...trail, path]);
      done.add(path);
    }
  };
  for (const { path } of sources) visit(path, []);
  return found;
}

/** include <- lib <- switch, client, keeper; lib, client <- probe, confine; lib, switch <- addon: an include names only what stands to
 *  its left. The keeper contains the code of the processes it parks. */
const MAY_INCLUDE: Record<string, readonly string[]> = {
  include: [],
  lib: ['include', 'lib'],
  client: ['include', 'lib'],
  exec: ['include', 'lib', 'client'],
  probe: ['include', 'lib', 'client'],
  confine: ['include', 'lib', 'client'],
  keeper: ['include', 'lib', 'exec'],
  switch: ['include', 'lib'],
  addon: ['include', 'lib', 'switch'],
};

describe('native code', () => {
  const native = [...projectFiles('native-shim'), ...projectFiles('workers/exec')].filter(({ path }) =>
    /\.[chS]$/.test(path),
  );
  const known = new Set(native.map(({ path }) => path));

  test('includes follow the table', () => {
    const wrong = native.flatMap(({ path, text }) =>
      [...text.matchAll(/^#\s*include "([^"]+)"/gm)]
        .map(([, name = '']) => name)
        .filter((name) => !mayInclude(path, name))
        .map((name) => `${path} includes ${name}`),
    );
    expect(native.length).toBeGreaterThan(10);
    expect(wrong).toEqual([]);
  });

  function mayInclude(path: string, name: string): boolean {
    if (known.has(posix.join(posix.dirname(path), name))) return true;
    const allowed = MAY_INCLUDE[roomOf(path)] ?? [];
    return [...known].some((one) => posix.basename(one) === name && allowed.includes(roomOf(one)));
  }

  test('only the addon knows the engine', () => {
    const users = native.filter(({ text }) => /node_api\.h/.test(text)).map(({ path }) => roomOf(path));
    expect([...new Set(users)]).toEqual(['addon']);
  });
});

describe('validators', () => {
  const modules = projectFiles('workers/validators').filter(({ path }) => path.endsWith('.mjs'));
  const importsOf = (text: string) => [...text.matchAll(/from '([^']+)'/g)].map(([, name = '']) => name);

  test('what authors import imports nothing', () => {
    const api = modules.filter(({ path }) => path.startsWith('workers/validators/api/'));
    expect(api.map(({ path, text }) => [path, importsOf(text)])).toEqual([
      ['workers/validators/api/validator.mjs', []],
    ]);
  });

  test('only ports look at files or run anything, and packages are those that the build copies beside them', () => {
    const needed = modules.flatMap(({ path, text }) =>
      importsOf(text)
        .filter((name) => !name.startsWith('.') && name !== 'node:path')
        .map((name) => `${path.replace('workers/validators/builtin/', '')}: ${name}`),
    );
    expect(needed.sort()).toEqual([
      'drift/result.mjs: node:crypto',
      'lib/project.mjs: node:fs',
      'path-policy.mjs: node:fs/promises',
      'path-policy.mjs: picomatch',
      'project-context/system.mjs: node:child_process',
      'project-context/system.mjs: node:fs/promises',
      'shell/reader.mjs: unbash',
    ]);
  });
});

test('workers import nothing from the supervisor', () => {
  const crossing = projectFiles('workers').filter(({ text }) => /supervisor\/[a-z]+\/[a-z-]+\.(ts|js)/.test(text));
  expect(crossing.map(({ path }) => path)).toEqual([]);
});
