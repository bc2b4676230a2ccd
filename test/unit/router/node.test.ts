import { expect, test } from 'vitest';
import type { FileFacts } from '../../../supervisor/router/file-facts.js';
import { recogniseNode } from '../../../supervisor/router/node.js';

function facts(change: Partial<FileFacts> = {}): FileFacts {
  const plain = { kind: 'file', executable: true, place: '1:2', stamp: '1', scriptWords: [], text: '' } as const;
  return { ...plain, format: 'elf', realPath: '/usr/bin/node', ...change };
}

test.each([
  ['/usr/bin/node', '/usr/bin/node', '/usr/bin/node'],
  ['/usr/bin/nodejs', '/usr/bin/node', '/usr/bin/nodejs'],
  ['bin/node', '/opt/node/bin/node', '/srv/bin/node'],
  ['/usr/bin/node', '/usr/bin/node-22', '/usr/bin/node'],
])('%s, which is %s', (path, realPath, expected) => {
  expect(recogniseNode(path, '/srv', facts({ realPath }))).toEqual({ path: expected });
});

test.each([
  ['/opt/a/.volta/bin/node', facts({ realPath: '/opt/a/.volta/bin/volta-shim' })],
  ['/opt/a/.asdf/shims/node', facts({ format: 'script', scriptWords: ['/bin/bash'] })],
  ['/usr/local/bin/node', facts({ realPath: '/usr/local/bin/bun' })],
])('%s runs through exec', (path, file) => {
  expect(recogniseNode(path, '/srv', file)).toBeTypeOf('string');
});

test('a relative node in a folder without a name', () => {
  expect(recogniseNode('./node', '', facts())).toBeTypeOf('string');
});

test.each(['/usr/bin/deno', '/usr/bin/npm', '/usr/bin/node-gyp', '/bin/sh'])('%s is no node', (path) => {
  expect(recogniseNode(path, '/srv', facts({ realPath: path }))).toBeUndefined();
});
