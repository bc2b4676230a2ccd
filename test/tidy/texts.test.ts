import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { projectFiles, ROOT } from './files.js';

const LOCK_FILE = posix.join(ROOT, 'package-lock.json');
const LINES_MAX = 400;
/** What a stranger to the authors' machines must not meet. Written so that this file does not contain them. */
const FORBIDDEN: readonly [name: string, pattern: RegExp][] = [
  ['a path of the authors', /\/(work\/[a-z.]|root\/\.)/],
  ['a home folder', /\/home\/(?!u\b|user\b|me\b|you\b|agent\b|alice\b)[a-z]+\//],
  ['work left over', /\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/],
  ['a name of the authors', /\b(far[m]-|found[e]r\b|sub-?ag[e]nt\b)/],
  ['a test that silences the others', /\b(test|it|describe)\.onl[y]\(/],
];

const files = projectFiles();
const markdown = files.filter(({ path }) => path.endsWith('.md'));

test('no file is longer than 400 lines', () => {
  const long = files.filter(({ text }) => text.split('\n').length - 1 > LINES_MAX);
  expect(long.map(({ path, text }) => `${path}: ${text.split('\n').length - 1}`)).toEqual([]);
});

test.each(FORBIDDEN)('no file contains %s', (_name, pattern) => {
  const found = files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 80)}`] : [])),
  );
  expect(found).toEqual([]);
});

test('the lock file names no registry but the public one', () => {
  const lock = readFileSync(LOCK_FILE, 'utf8');
  const addresses = [...lock.matchAll(/"resolved": "([^"]*)"/g)].map(([, address = '']) => address);
  expect(addresses.filter((address) => !address.startsWith('https://registry.npmjs.org/'))).toEqual([]);
});

test('the lock file has every optional package, also of other platforms: npm ci refuses one that lacks any', () => {
  const { packages } = JSON.parse(readFileSync(LOCK_FILE, 'utf8')) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
  expect(wanted.filter((name) => !(`node_modules/${name}` in packages))).toEqual([]);
});

test('links in documents lead somewhere', () => {
  expect(markdown.length).toBeGreaterThan(3);
  const broken = markdown.flatMap(({ path, text }) =>
    [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !leadsSomewhere(path, target))
      .map((target) => `${path}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test('commands in documents exist', () => {
  const table = projectFiles('supervisor/cli').map(({ text }) => text);
  const verbs = table.flatMap((text) =>
    [...text.matchAll(/[.(\s](?:command|Command|helpCommand)\('([a-z]+)/g)].map(([, verb = '']) => verb),
  );
  expect(verbs).toEqual(expect.arrayContaining(['up', 'run', 'why', 'help']));
  const wrong = markdown.flatMap(({ path, text }) => {
    const scripts = [...text.matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = '']) => name);
    const used = [...text.matchAll(/(?:^|`)(?:\$ )?(?:bin\/)?supervisor ([a-z]+)/gm)].map(([, verb = '']) => verb);
    return [
      ...scripts.filter((name) => !(name in packageJson.scripts)).map((name) => `${path}: npm run ${name}`),
      ...used.filter((verb) => !verbs.includes(verb)).map((verb) => `${path}: supervisor ${verb}`),
    ];
  });
  expect(wrong).toEqual([]);
});

function withoutCode(text: string): string {
  return text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');
}

function leadsSomewhere(from: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : posix.join(posix.dirname(from), file);
  if (!existsSync(posix.join(ROOT, path))) return false;
  if (anchor === undefined) return true;
  const document = markdown.find((one) => one.path === path);
  const headings = [...(document?.text.matchAll(/^#+ (.*)$/gm) ?? [])].map(([, title = '']) => slug(title));
  return headings.includes(anchor);
}

/** As the forges make them. */
function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}
