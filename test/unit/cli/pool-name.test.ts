import { describe, expect, test } from 'vitest';
import { poolMeant, splitTarget } from '../../../supervisor/cli/pool-name.js';

const IDS = ['exec', 'exec-11aa', 'python-0123', 'python-0456', 'node-77'];

describe('which pool is meant', () => {
  test.each([
    ['exec', 'exec'],
    ['exec-', 'exec-11aa'],
    ['n', 'node-77'],
    ['python-04', 'python-0456'],
  ])('%s: %s', (word, id) => {
    expect(poolMeant(word, IDS)).toEqual({ ok: true, id });
  });

  test.each([
    ['python', '2 pools begin so', 'one of: python-0123, python-0456'],
    ['pyhton', 'no pool has this name', 'Did you mean python-0123?'],
    ['perl', 'no pool has this name', 'There are: exec, '],
    ['', 'no pool has this name', /^There are: exec, /],
  ])('"%s": %s', (word, what, remedy) => {
    expect(poolMeant(word, IDS)).toMatchObject({ problem: { what, remedy: expect.stringMatching(remedy) } });
  });

  test('two of one name, as after a reload: the one that serves, and not a question which of them', () => {
    const both = ['python-1', 'python-1@1'];
    expect(poolMeant('py', both)).toEqual({ ok: true, id: 'python-1' });
    expect(poolMeant('python-1', both)).toEqual({ ok: true, id: 'python-1' });
    expect(poolMeant('python-1@', both)).toEqual({ ok: true, id: 'python-1@1' });
    expect(poolMeant('py', ['exec', 'python-1@1'])).toEqual({ ok: true, id: 'python-1@1' });
  });

  test('without any pool: how one comes to be', () => {
    expect(poolMeant('exec', [])).toMatchObject({ problem: { remedy: expect.stringContaining('first call') } });
  });
});

test('a worker stands behind the slash', () => {
  expect(splitTarget('exec/3')).toEqual({ pool: 'exec', worker: '3' });
  expect(splitTarget('exec')).toEqual({ pool: 'exec', worker: undefined });
});
