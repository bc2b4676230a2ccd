/** What doctor says of the way to a group of our own. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cgroupRemedy } from '../../../supervisor/cli/doctor/cgroup-remedy.js';
import { refusedStep } from '../../../supervisor/cli/doctor/cgroup-steps.js';

test('a folder that is not there is the first refused step', () => {
  expect(refusedStep('/sys/fs/cgroup/none/of/ours')).toEqual({ step: 'own group', errno: 'ENOENT' });
});

test('a folder that is no group has no controllers, and nothing is left in it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'steps-'));
  try {
    expect(refusedStep(folder)).toEqual({ step: 'controllers', errno: 'ENOENT' });
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ['container', 'make a group', 'EROFS', '"runArgs": ["--security-opt", "writable-cgroups=true"]'],
  ['container', 'make a group', 'EROFS', 'security_opt: ["writable-cgroups=true"]'],
  ['container', 'make a group', 'EROFS', 'docker run --user 0:0'],
  ['container', 'make a group', 'EACCES', 'docker/delegate.sh USER'],
  ['user', 'make a group', 'EACCES', 'systemd-run --user --scope -p Delegate=yes'],
  ['user', 'make a group', 'EACCES', 'systemctl --user enable --now hook-supervisor'],
  ['user', 'controllers', 'ENOENT', 'systemctl edit user@.service'],
  ['root', 'enter the group', 'EBUSY', 'systemd-run --scope -p Delegate=yes'],
  ['root', 'enter the group', 'EBUSY', 'systemctl enable --now hook-supervisor@0'],
  ['root', 'kill it', 'ENOENT', 'none needed'],
] as const)('%s, %s refused with %s -> %s', (place, step, errno, text) => {
  expect(cgroupRemedy({ step, errno }, place)).toContain(text);
});

test('the files that remedies name are there', () => {
  const places = ['container', 'user', 'root'] as const;
  const texts = places.flatMap((place) =>
    ['EROFS', 'EACCES'].map((errno) => cgroupRemedy({ step: 'make a group', errno }, place)),
  );
  const named = [...new Set(texts.join(' ').match(/docker\/[\w@./-]+\w/g))];
  expect(named.length).toBeGreaterThan(4);
  expect(named.filter((file) => !existsSync(join(import.meta.dirname, '../../..', file)))).toEqual([]);
});
