import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const MODULE = join(import.meta.dirname, '../../../workers/node/resident/last-words.mjs');

function run(code: string) {
  const text = `import { sayLastWords } from ${JSON.stringify(MODULE)}; sayLastWords(); ${code}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', text], {
    encoding: 'utf8',
  });
  return { status, stdout, last: stderr.trimEnd().split('\n').at(-1) };
}

test.each([
  ['an error', `setTimeout(() => { throw new TypeError('a\\n  b'); });`, 'nobody caught TypeError: a b'],
  ['a rejection', `Promise.reject(new Error('stray'));`, 'nobody caught Error: stray'],
  ['nothing at all', `setTimeout(() => { throw undefined; });`, 'nobody caught undefined'],
])('%s that nobody caught is the last line, and the end is that of any Node', (_what, code, last) => {
  expect(run(`process.on('exit', (code) => console.log('exit', code)); ${code}`)).toEqual({
    ...{ status: 1, stdout: 'exit 1\n', last },
  });
});

test.each([
  ['an event', `process.on('uncaughtException', () => console.log('mine'));`],
  ['a callback', `process.setUncaughtExceptionCaptureCallback(() => console.log('mine'));`],
  ['the event of rejections', `process.on('unhandledRejection', () => console.log('mine'));`],
])('who catches them by %s goes on', (_what, code) => {
  expect(run(`${code} Promise.reject(new Error('x'));`)).toEqual({ status: 0, stdout: 'mine\n', last: '' });
});
