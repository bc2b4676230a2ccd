/** What `npm pack` makes, used as a program that has installed it does. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(REPOSITORY, 'node_modules/typescript/bin/tsc');
const PROGRAM = `
import { connect, type Outcome } from 'hook-supervisor';
const library = connect({ socketPath: '/no/such/folder/library.sock' });
const outcome: Outcome = await library.submit({ tool_name: 'Bash' }, { agent: 'claude', priority: 'high' });
console.log(outcome.kind === 'unavailable' ? outcome.code : outcome.kind);
library.close();
`;
/** One mistake for each kind of thing that is typed. */
const MISTAKES = [
  "void library.submit('text');",
  "void library.submit({}, { priority: 'urgent' });",
  "if (outcome.kind === 'maybe') throw outcome;",
  'outcome.decision;',
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-package-'));
  const place = join(folder, 'node_modules/hook-supervisor');
  mkdirSync(place, { recursive: true });
  const packed = run(REPOSITORY, 'npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder]);
  run(place, 'tar', ['-xzf', join(folder, packed.stdout.trim().split('\n').at(-1) ?? ''), '--strip-components=1']);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(cwd: string, program: string, args: readonly string[]) {
  const result = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (result.error !== undefined) throw result.error;
  return result;
}

/** @returns the lines at which the compiler finds something. */
function linesWithErrors(text: string): number[] {
  writeFileSync(join(folder, 'program.ts'), text);
  const words = ['--strict', '--target', 'es2022', '--module', 'nodenext', '--typeRoots'];
  const types = join(REPOSITORY, 'node_modules/@types');
  const { stdout } = run(folder, process.execPath, [TSC, ...words, types, '--types', 'node', 'program.ts']);
  return [...stdout.matchAll(/^(\S+)\((\d+),/gm)].map(([, file, line]) => (file === 'program.ts' ? Number(line) : 0));
}

test("import 'hook-supervisor' has types that fit, and runs without any other package", () => {
  expect(linesWithErrors(PROGRAM)).toEqual([]);
  expect(run(folder, process.execPath, ['program.js'])).toMatchObject({ status: 0, stdout: 'absent\n', stderr: '' });
});

test('what does not fit the types is found', () => {
  const lines = PROGRAM.split('\n').length;
  expect(linesWithErrors(PROGRAM + MISTAKES.join('\n'))).toEqual(MISTAKES.map((_, n) => lines + n));
});

test('the Python client is part of it', () => {
  const text = 'from hook_supervisor.client import connect; print(connect("/no/such/x").submit({})["code"])';
  const python = join(folder, 'node_modules/hook-supervisor/workers/python');
  expect(run(python, 'python3', ['-c', text])).toMatchObject({ status: 0, stdout: 'absent\n' });
});
