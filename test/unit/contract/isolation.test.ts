import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  classOfHost,
  LAYER_TEXT,
  type Layer,
  type LayerName,
  parseLayers,
} from '../../../supervisor/contract/isolation.js';

const NAMES = Object.keys(LAYER_TEXT) as LayerName[];
const NAMESPACES: LayerName[] = NAMES.filter((name) => /Namespace$|^privateMounts$|^ownProc$/.test(name));

function without(...missing: LayerName[]): Layer[] {
  return NAMES.map((name) => ({ name, level: missing.includes(name) ? 0 : 1, stage: 0, errnum: 0 }));
}

test('the layers are those of layers.h, in its order', () => {
  const header = readFileSync('native-shim/lib/sandbox/layers.h', 'utf8');
  expect([...header.matchAll(/each\([A-Z_]+, "(\w+)"\)/g)].map(([, name]) => name)).toEqual(NAMES);
});

describe('what the probe prints', () => {
  const text = NAMES.map((name) => `${name} 1 0 0\n`).join('');

  test('one line a layer', () => {
    expect(parseLayers(text)).toEqual(without());
    expect(parseLayers(text.replace('landlock 1 0 0', 'landlock 0 33 95'))).toContainEqual({
      name: 'landlock',
      level: 0,
      stage: 33,
      errnum: 95,
    });
  });

  test.each([
    ['nothing', ''],
    ['a line too few', text.replace('seccomp 1 0 0\n', '')],
    ['a name of another version', text.replace('seccomp', 'seccomp2')],
    ['no number', text.replace('seccomp 1', 'seccomp x')],
    ['another order', text.split('\n').reverse().join('\n')],
  ])('%s is not believed', (_name, wrong) => {
    expect(parseLayers(wrong)).toBeUndefined();
  });
});

describe('the class of a host', () => {
  test.each<[string, string, Layer[], boolean, string[]]>([
    ['A', 'root with everything', without(), true, []],
    ['B', 'an ordinary user with everything', without('otherUid'), true, ['otherUid']],
    ['C', 'a container with a cgroup', without('otherUid', ...NAMESPACES), true, NAMESPACES.slice(1)],
    ['C', 'an own /proc refused', without('otherUid', 'ownProc'), true, ['ownProc']],
    ['D', 'a plain container', without('otherUid', ...NAMESPACES), false, ['cgroup']],
    ['D', 'everything but a cgroup', without(), false, ['cgroup']],
    ['E', 'no Landlock', without('landlock'), true, ['landlock']],
    ['F', 'no filter', without('seccomp'), true, ['seccomp']],
    ['F', 'capabilities that stay', without('noCapabilities', 'landlock'), true, ['noCapabilities']],
  ])('%s: %s', (name, _what, layers, hasCgroup, lacking) => {
    const found = classOfHost(layers, hasCgroup);
    expect(found.name).toBe(name);
    expect(found.above?.lacking ?? []).toEqual(lacking);
  });

  test('root without a user namespace has the others all the same', () => {
    expect(classOfHost(without('userNamespace'), true).name).toBe('A');
  });
});
