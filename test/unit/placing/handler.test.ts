import { expect, test } from 'vitest';
import type { Call, Plan } from '../../../supervisor/contract/call.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { handlerOf } from '../../../supervisor/placing/handler.js';
import { call, execPlan, pythonPlan } from '../dispatch/scene.js';

const SECRET = 'token=hunter2';
const exec = (path: string, ...args: string[]): Plan => ({ ...execPlan, path, argv: [path, ...args] });
const python = (mode: 'script' | 'command' | 'module', ...args: string[]): Plan =>
  ({ ...pythonPlan, program: { mode, index: 1 }, argv: ['python3', ...args] }) as Plan;
const inProject = (change: Partial<Call> = {}) => call({ cwd: '/p', ...change });

test.each([
  ['a script of a warm interpreter', python('script', 'hooks/../guard.py', SECRET), '/p/guard.py'],
  ['a module', python('module', 'mypy.guard', SECRET), '/usr/bin/python3 -m mypy.guard'],
  ['a script that its interpreter executes', exec('/bin/bash', 'guard.sh', SECRET), '/p/guard.sh'],
  ['one behind an option', exec('/bin/bash', '-e', 'guard.sh', SECRET), '/p/guard.sh'],
  ["a program of the user's own, whatever its arguments", exec('/p/guard', SECRET), '/p/guard'],
  ['a relative one', exec('./guard', SECRET), '/p/guard'],
  ['a program of the system without arguments', exec('/usr/bin/true'), '/usr/bin/true'],
])('%s is named by its file', (_what, plan, name) => {
  expect(handlerOf(inProject(), plan)).toBe(name);
});

test.each([
  ['a text for a shell', (text: string) => exec('/bin/sh', '-c', text), '/bin/sh'],
  ['a text for a warm interpreter', (text: string) => python('command', text), '/usr/bin/python3'],
  ['a program of the system with arguments', (text: string) => exec('/usr/bin/timeout', '5', text), '/usr/bin/timeout'],
])('%s is told from another of its kind, and not kept', (_what, plan, program) => {
  const names = [SECRET, 'other'].map((text) => handlerOf(inProject(), plan(text)));
  for (const name of names) expect(name).toMatch(new RegExp(`^${program} #[0-9a-f]{8}$`));
  expect(names[0]).not.toBe(names[1]);
  expect(handlerOf(inProject(), plan(SECRET))).toBe(names[0]);
});

test('a call without a plan: its program, or that it was a text', () => {
  const argv = ['guard', SECRET];
  expect(handlerOf(inProject({ argv }), undefined)).toMatch(/^guard #[0-9a-f]{8}$/);
  expect(handlerOf(inProject({ argv: ['sh', SECRET], shellText: true }), undefined)).toMatch(/^shell text #/);
});

test('a name is bounded, and is text although paths are bytes', () => {
  expect(handlerOf(inProject(), exec(`/p/${'x'.repeat(9000)}`))).toHaveLength(LIMITS.handlerTextMaxCharacters);
  expect(handlerOf(inProject(), exec('/p/\u00c3\u00bc'))).toBe('/p/ü');
});
