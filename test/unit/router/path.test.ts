import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { resolveCommand, resolveInShell } from '../../../supervisor/router/path.js';
import { folder, notExecutable, program } from './call.js';

const files = new Map([
  ['/bin/tool', program('/bin/tool')],
  ['/locked/tool', notExecutable('/locked/tool')],
  ['/folders/tool', folder('/folders/tool')],
  ['/here/tool', program('/here/tool')],
  ['/here/sub/tool', program('/here/sub/tool')],
]);
const file = (path: string) => files.get(posix.normalize(path));
const find = (name: string, path: string | undefined) => resolveCommand(name, path, '/here', file);

test.each([
  ['the first executable of PATH', 'tool', '/nowhere:/bin:/here', '/bin/tool', true],
  ['a file that is not executable is passed over', 'tool', '/locked:/bin', '/bin/tool', true],
  ['a folder is passed over', 'tool', '/folders:/bin', '/bin/tool', true],
  ['PATH unset is /bin:/usr/bin', 'tool', undefined, '/bin/tool', true],
  ['an empty element is the cwd', 'tool', '/nowhere:', 'tool', true],
  ['a relative element is below the cwd', 'tool', 'sub', 'sub/tool', true],
  ['a slash in the name: no search', './tool', '/bin', './tool', true],
  ['only a file without permission: that one, for its EACCES', 'tool', '/locked:/nowhere', '/locked/tool', false],
  ['nothing at all: never the bare name, which would be a file of the cwd', 'tool', '/nowhere', '/nowhere/tool', false],
  ['an empty name', '', '/bin', '', false],
])('execvp: %s', (_name, name, path, expected, exists) => {
  const found = find(name, path);
  expect([found.path, found.facts !== undefined]).toEqual([expected, exists]);
});

test.each([
  ['the first executable of PATH', 'tool', '/nowhere:/locked:/folders:/bin', '/bin/tool'],
  ['a relative path with a slash', 'sub/tool', '/bin', 'sub/tool'],
  ['not found', 'tool', '/nowhere', undefined],
  ['PATH unset: the shell has its own', 'tool', undefined, undefined],
  ['a relative element on the way', 'tool', 'sub:/bin', undefined],
  ['an empty element on the way', 'tool', ':/bin', undefined],
  ['an element that ends in a slash', 'tool', '/bin/', undefined],
  ['dash %func', 'tool', '/bin%func', undefined],
  ['a file without permission', '/locked/tool', '/bin', undefined],
])('as the shells do: %s', (_name, name, path, expected) => {
  expect(resolveInShell(name, path, '/here', file)?.path).toBe(expected);
});
