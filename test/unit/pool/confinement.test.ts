/** What a keeper is told of a sandbox, and what is believed of a process that it parks. */

import { expect, test } from 'vitest';
import { defaultConfig } from '../../../supervisor/config/defaults.js';
import type { Config } from '../../../supervisor/contract/config.js';
import { type Confinement, confinementKey } from '../../../supervisor/contract/confinement.js';
import { LAYER_TEXT, layersOfBits } from '../../../supervisor/contract/isolation.js';
import { PARKED_BYTES } from '../../../supervisor/contract/wire.js';
import { keeperArgv } from '../../../supervisor/pool/keeper-argv.js';
import { decodeParked, failureText, notEntered } from '../../../supervisor/pool/report.js';
import { execSpec, nodeSpecMaker } from '../../../supervisor/pool/specs.js';

const confinement: Confinement = {
  level: 'restricted',
  layers: ['mountNamespace', 'landlock'],
  network: 'none',
  read: ['/usr', '/a b'],
  write: ['/p'],
  protect: ['/p/.git', '/p/.claude'],
  project: '/p',
  without: '',
};
const config = {
  parked: { exec: { min: 8, max: 24 }, python: { min: 4, max: 24 }, node: { min: 1, max: 2 } },
  slotsPerPool: 32,
  limits: defaultConfig(0).limits,
} as Config;

test('a sandbox stands before the command, each path by itself', () => {
  const argv = keeperArgv(execSpec(config, 'exec-1', confinement), 4, 1, 4096, undefined, undefined);
  expect(argv.slice(argv.indexOf('--level'))).toEqual([
    ...['--level', 'restricted', '--layers', 'mountNamespace,landlock', '--network', 'none'],
    ...['--tmp-max-bytes', '268435456', '--tmp-max-files', '16384'],
    ...['--read', '/usr', '--read', '/a b', '--write', '/p', '--protect', '/p/.git', '--protect', '/p/.claude'],
  ]);
  const plan = { interpreter: '/n', flags: [], argv: ['node'], startEnv: [], program: { mode: 'script', index: 1 } };
  const node = nodeSpecMaker(config, '/w')('node-1', plan as never, confinement);
  expect(keeperArgv(node, 2, 1, 4096, undefined, undefined).slice(-8)).toEqual([
    ...['/p/.claude', '--', '/n', 'node', '--require', '/w/park.cjs', '--', '-hook'],
  ]);
});

test('with an allow-list the launcher makes a door and the keeper knows where it goes; the list itself neither is told', () => {
  const listed = { ...confinement, network: { allow: ['a.example'] } };
  const argv = keeperArgv(execSpec(config, 'exec-1', listed), 4, 1, 4096, undefined, 9);
  expect(argv.join(' ')).toContain(' --network door ');
  expect(argv.slice(-2)).toEqual(['--door', '9']);
  expect(argv.join(' ')).not.toContain('a.example');
});

test('contained: not a word of it', () => {
  expect(keeperArgv(execSpec(config), 8, 1, 4096, undefined, undefined).join(' ')).not.toContain('level');
});

test('fewer are parked for each sandbox, and status tells which it is', () => {
  expect(execSpec(config, 'exec-1', confinement)).toMatchObject({
    parked: { min: 4, max: 4, first: 4 },
    describes: 'any command, restricted in /p',
  });
  expect(execSpec(config)).toMatchObject({ id: 'exec', parked: { min: 8, max: 24, first: 8 }, describes: '' });
});

test('two sandboxes that differ in anything the launcher is told are kept apart', () => {
  const keys = [
    confinement,
    { ...confinement, level: 'untrusted' as const },
    { ...confinement, network: 'host' as const },
    { ...confinement, network: { allow: ['a.example'] } },
    { ...confinement, network: { allow: ['b.example'] } },
    { ...confinement, network: { allow: ['a.example', 'b.example'] } },
    { ...confinement, layers: ['landlock' as const] },
    { ...confinement, read: ['/usr'], write: ['/a b', '/p'] },
    { ...confinement, write: [], protect: ['/p', '/p/.git', '/p/.claude'] },
    { ...confinement, protect: [] },
  ].map(confinementKey);
  expect(new Set(keys).size).toBe(keys.length);
  expect(confinementKey({ ...confinement, without: 'x', project: '/q' })).toBe(keys[0]);
});

function parked(layers: number) {
  const payload = Buffer.alloc(PARKED_BYTES + 2);
  payload.writeUInt32LE(7, 0);
  payload.writeUInt32LE(3, 8);
  payload.writeUInt32LE(2, 12);
  payload.writeUInt32LE(layers, 16);
  payload.writeUInt32LE(9, 20);
  payload.write('/w', PARKED_BYTES);
  const decoded = decodeParked(payload);
  if (decoded === undefined) throw new Error('not decoded');
  return decoded;
}

test('the bits that a keeper reports are layers in their order', () => {
  const said = { pid: 7, isUnknown: false, memoryBytes: 3072, startMs: 9 };
  expect(parked(0)).toEqual({ ...said, layers: [], cgroupPath: '/w' });
  expect(parked(0b101).layers).toEqual(['otherUid', 'mountNamespace']);
  expect(layersOfBits(0xffffffff)).toEqual(Object.keys(LAYER_TEXT));
});

test('a process that has not entered all that was asked for is not believed, one that entered more is', () => {
  const bits = (1 << 2) | (1 << 15);
  expect(parked(bits).layers).toEqual(['mountNamespace', 'landlock']);
  expect(notEntered(parked(bits), confinement)).toBeUndefined();
  expect(notEntered(parked(bits | 1), confinement)).toBeUndefined();
  expect(notEntered(parked(0), undefined)).toBeUndefined();
  const failure = notEntered(parked(1 << 2), confinement);
  expect(failure && failureText(failure)).toBe('proving that the layer holds: landlock');
});
