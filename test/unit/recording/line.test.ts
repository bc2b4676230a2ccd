import { expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { RecordedCall } from '../../../supervisor/contract/recording.js';
import { bytesOfKept, lineOf } from '../../../supervisor/recording/line.js';
import { heardOf } from './heard.js';

const recorded = (...given: Parameters<typeof heardOf>): RecordedCall => JSON.parse(lineOf(heardOf(...given)));

test('a call is kept with its words, its streams and its end', () => {
  const stdin = Buffer.from('{"a":1}');
  expect(recorded({ argv: ['sh', '-c', 'cat'], shellText: true, blocking: true, stdin }, 'out')).toEqual({
    ...{ atMs: 7, argv: ['sh', '-c', 'cat'], cwd: '/p/q', wordsMasked: 0, isShellText: true, isMerged: false },
    ...{ isBlocking: true, levelAsked: null, timeoutMs: 0, envNames: [], projects: {} },
    stdin: { content: '{"a":1}', bytes: 7, isCut: false, masked: 0 },
    stdout: { content: 'out', bytes: 3, isCut: false, masked: 0 },
    stderr: { content: '', bytes: 0, isCut: false, masked: 0 },
    ...{ outcome: 'answered', exitCode: 3, signal: 0, ms: 2.5, path: 'exec', runtime: 'exec', level: 'contained' },
  });
});

test('of the environment names alone are kept: those that are used, and those of agents', () => {
  const env = ['HOME=/h-value', 'KEY=key-value', 'OTHER=other-value', 'CLAUDE_PROJECT_DIR=/p', 'CLAUDECODE=cc-value'];
  const line = lineOf(heardOf({ argv: ['sh', '-c', 'x "$KEY" ${HOME}'], env }));
  expect(JSON.parse(line).envNames).toEqual(['CLAUDECODE', 'CLAUDE_PROJECT_DIR', 'HOME', 'KEY']);
  expect(line).not.toMatch(/[a-z]-value/);
});

test("an agent's project is told by how far it is above the current folder, and only then", () => {
  const projects = (folder: string) => recorded({ env: [`CLAUDE_PROJECT_DIR=${folder}`] }).projects;
  expect(projects('/p')).toEqual({ CLAUDE_PROJECT_DIR: 1 });
  expect(projects('/p/q')).toEqual({ CLAUDE_PROJECT_DIR: 0 });
  for (const folder of ['/p/q/r', '/', '', 'p', '/p/']) expect(projects(folder), folder).toEqual({});
});

test('bytes that are no UTF-8 come back as they were', () => {
  const { stdout } = recorded({}, 'a\xff\x00b');
  expect(bytesOfKept(stdout.content).toString('latin1')).toBe('a\xff\x00b');
  expect(bytesOfKept(recorded({}, Buffer.from('ä€').toString('latin1')).stdout.content).toString()).toBe('ä€');
});

test('of a long stream the beginning is kept, and how long it was', () => {
  const max = LIMITS.recordingOutputMaxBytes;
  const { stdout } = recorded({}, 'x'.repeat(max + 1));
  expect(stdout).toMatchObject({ bytes: max + 1, isCut: true });
  expect(bytesOfKept(stdout.content)).toHaveLength(max);
  expect(recorded({}, 'x'.repeat(max)).stdout).toMatchObject({ bytes: max, isCut: false });
});

test('a secret across the end of what is kept is masked as one', () => {
  const max = LIMITS.recordingOutputMaxBytes;
  const token = `ghp_${'aB3'.repeat(12)}`;
  const { stdout } = recorded({}, `${' '.repeat(max - 10)}${token} more`);
  expect(stdout.masked).toBe(1);
  expect(bytesOfKept(stdout.content).toString()).not.toContain('ghp_');
});
