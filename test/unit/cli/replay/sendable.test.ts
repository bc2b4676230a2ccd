import { describe, expect, test } from 'vitest';
import { environmentOf, namesMissing, whyNotSent } from '../../../../supervisor/cli/replay/sendable.js';
import { recordedCall, streamOf } from '../../../lib/recorded-call.js';

const isThere = () => true;

describe('a call is sent again only as it was', () => {
  test('whole, in a folder that is there', () => {
    const asked: string[] = [];
    expect(whyNotSent(recordedCall(), (path) => asked.push(path) > 0)).toBeUndefined();
    expect(asked).toEqual(['/p/q']);
  });

  test.each([
    [recordedCall({ outcome: 'timedOut' }), 'had not answered'],
    [recordedCall({ wordsMasked: 1 }), 'a secret was masked'],
    [recordedCall({ stdin: streamOf('x', { isCut: true }) }), 'too long'],
    [recordedCall({ argv: ['x', { base64: '/w==' }] }), 'no UTF-8'],
    [recordedCall({ cwd: { base64: '/w==' } }), 'no UTF-8'],
  ])('not: %#', (call, why) => {
    expect(whyNotSent(call, isThere)).toContain(why);
  });

  test('not where its folder has gone', () => {
    expect(whyNotSent(recordedCall(), () => false)).toContain('folder');
  });

  test('with a masked input it is: what differs is said to be so perhaps for that', () => {
    expect(whyNotSent(recordedCall({ stdin: streamOf('x', { masked: 1 }) }), isThere)).toBeUndefined();
  });
});

describe('its environment', () => {
  const call = recordedCall({ envNames: ['A', 'B', 'X_PROJECT_DIR'], projects: { X_PROJECT_DIR: 1 } });

  test('is that of now, with the project of then', () => {
    const now = { A: '1', X_PROJECT_DIR: '/elsewhere' };
    expect(environmentOf(call, now)).toEqual({ A: '1', X_PROJECT_DIR: '/p' });
    const at = (depth: number) => environmentOf(recordedCall({ projects: { P: depth } }), {}).P;
    expect([at(0), at(1), at(2)]).toEqual(['/p/q', '/p', '/']);
  });

  test('lacks what was set then and is not now', () => {
    expect(namesMissing([call, recordedCall({ envNames: ['C', 'B'] })], { A: '1' })).toEqual(['B', 'C']);
  });
});
