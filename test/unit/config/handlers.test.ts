/** The rules of `handlers`, as the user's file has them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { judgeLayer } from '../../../supervisor/config/layer.js';
import { loadConfig } from '../../../supervisor/config/load.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hs-handlers-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function load(content: object, homeFolder = home) {
  const folder = join(home, '.config', 'hook-supervisor');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(content), { mode: 0o600 });
  const sources = {
    env: { SUPERVISOR_RUNTIME_DIR: join(home, 'run'), XDG_CONFIG_HOME: join(home, '.config') },
    flags: {},
    uid: process.geteuid?.() ?? 0,
    homeFolder,
    runUserFolder: join(home, 'no-run-user'),
    temporaryFolder: join(home, 'tmp'),
    memoryTotalBytes: 2 ** 34,
  };
  return loadConfig(sources, judgeLayer);
}

function problems(content: object) {
  const loaded = load(content);
  return loaded.ok
    ? []
    : loaded.problems.map(({ where, what, remedy }) => `${where.replace(/.*: /, '')}: ${what}: ${remedy}`);
}

function rules(handlers: object[], homeFolder = home) {
  const loaded = load({ handlers }, homeFolder);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config.handlers;
}

test('home paths are written out, the rest has its defaults, order is kept', () => {
  const given = { match: '~/x/**', level: 'restricted', write: ['~/out/'], read: ['/srv/../srv/a'], env: ['FOO'] };
  expect(rules([given, { match: '**/b.py', level: 'untrusted', network: 'host', require: ['cgroup'] }])).toEqual([
    {
      match: `${home}/x/**`,
      level: 'restricted',
      network: undefined,
      write: [`${home}/out`],
      read: ['/srv/a'],
      env: ['FOO'],
      require: [],
      allowDegraded: false,
      idempotent: false,
    },
    {
      match: '**/b.py',
      level: 'untrusted',
      network: 'host',
      write: [],
      read: [],
      env: [],
      require: ['cgroup'],
      allowDegraded: false,
      idempotent: false,
    },
  ]);
});

test('a home whose name has the characters of patterns means itself', () => {
  expect(rules([{ match: '~/x', level: 'restricted' }], '/srv/a*(b)/')[0]?.match).toBe('/srv/a\\*\\(b\\)/x');
});

test('every problem at once, each with its place and remedy', () => {
  const found = problems({
    handlers: [
      { match: 'x.py', level: 'strict' },
      { match: '/x', level: 'restricted', wirte: [] },
      { match: '/x', level: 'restricted', write: ['out'], env: ['A-B'], require: ['moat'], allowDegraded: 1 },
      { level: 'restricted', match: '/x', network: 'some' },
    ],
    pluginLevel: 'none',
  });
  expect(found).toEqual([
    'handlers.0.match: "x.py" is not allowed here: give a pattern that begins with /, ~/ or **/',
    'handlers.0.level: "strict" is not allowed here: give one of contained, restricted, untrusted',
    'handlers.1.wirte: there is no such key: did you mean "write"?',
    'handlers.2.write.0: "out" is not allowed here: give an absolute path, or one that begins with ~/',
    'handlers.2.env.0: "A-B" is not allowed here: give the name of a variable',
    expect.stringMatching(/^handlers\.2\.require\.0: "moat" is not allowed here: give one of cgroup, otherUid, /),
    'handlers.2.allowDegraded: 1 is not allowed here: give true or false',
    'handlers.3.network: "some" is not allowed here: give one of none, host, or {"allow": [...]} with 1 to 64 hosts',
    'pluginLevel: "none" is not allowed here: give one of contained, restricted, untrusted',
  ]);
});

test('hosts of an allow-list: each that is none has its place and what one is', () => {
  const given = (network: unknown) => problems({ handlers: [{ match: '/x', level: 'untrusted', network }] });
  expect(given({ allow: ['a.example', '*.b.example:8443', '10.0.0.0/8', '[::1]:80'] })).toEqual([]);
  expect(given({ allow: ['a.example', 'https://b.example', '*.org'] })).toEqual([
    expect.stringMatching(
      /^handlers\.0\.network\.allow\.1: "https:\/\/b\.example" is not allowed here: give a host name, /,
    ),
    expect.stringMatching(/^handlers\.0\.network\.allow\.2: "\*\.org" is not allowed here: /),
  ]);
  const many = Array(65).fill('a.example');
  for (const network of [{ allow: [] }, { allow: many }, { allow: [1] }, {}, { alow: ['a.example'] }, ['a.example']])
    expect(given(network)).toEqual([
      expect.stringMatching(/^handlers\.0\.network.*: give one of .* with 1 to 64 hosts$/),
    ]);
});

test('what has no effect at contained is a mistake, each of it', () => {
  const all = { network: 'none', write: ['/a'], read: ['/a'], env: ['A'], require: ['landlock'], allowDegraded: true };
  const found = problems({ handlers: [{ match: '/x', level: 'contained', ...all }] });
  expect(found.map((text) => text.split(': ')[0])).toEqual(Object.keys(all).map((key) => `handlers.0.${key}`));
  expect(problems({ handlers: [{ match: '/x', level: 'contained', require: ['cgroup'] }] })).toEqual([]);
  expect(problems({ handlers: [{ match: '/x', level: 'contained', idempotent: true }] })).toEqual([]);
  expect(problems({ handlers: [{ match: '/x', level: 'contained', idempotent: 1 }] })).toHaveLength(1);
});

test('a folder that holds secrets of the home is refused; a secret that is named itself is meant', () => {
  const found = problems({
    handlers: [
      { match: '/x', level: 'restricted', read: ['~/', '~/.config'], write: ['/', '~/.claude', '~/.ssh/../'] },
    ],
  });
  expect(found.map((text) => text.split(': ')[0])).toEqual(
    ['write.0', 'write.1', 'write.2', 'read.0', 'read.1'].map((key) => `handlers.0.${key}`),
  );
  expect(found[4]).toContain(`"${home}/.config" holds ${home}/.config/`);
  const meant = { read: ['~/.ssh', '~/.ssh/known_hosts', '~/.config/other'], write: ['~/.claude/plugins/data/x'] };
  expect(problems({ handlers: [{ match: '/x', level: 'restricted', ...meant }] })).toEqual([]);
});

test('lists and the number of handlers are bounded', () => {
  const rule = { match: '/x', level: 'restricted' };
  expect(problems({ handlers: Array(257).fill(rule) })).toHaveLength(1);
  expect(problems({ handlers: [{ ...rule, read: Array(65).fill('/a') }] })).toHaveLength(1);
  expect(problems({ handlers: [{ ...rule, match: `/${'x'.repeat(5000)}` }] })).toHaveLength(1);
});
