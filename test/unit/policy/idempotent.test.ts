/** Which calls may be run a second time: those about one file that a handler declares so. */
import { expect, test } from 'vitest';
import type { Plan } from '../../../supervisor/contract/call.js';
import type { HandlerRule } from '../../../supervisor/contract/config.js';
import { idempotentMaker } from '../../../supervisor/policy/idempotent.js';
import { callOf } from '../router/call.js';
import { files } from './files.js';

function rule(match: string, idempotent: boolean): HandlerRule {
  const lists = { write: [], read: [], env: [], require: [] };
  return { match, level: 'contained', network: undefined, ...lists, allowDegraded: false, idempotent };
}

function exec(...argv: string[]): Plan {
  return { kind: 'exec', path: argv[0] ?? '', argv, env: [], reason: '', throughShell: false };
}

function mayRepeat(plan: Plan, rules: HandlerRule[]): boolean {
  const config = { handlers: rules, pluginLevel: 'restricted' as const, homeFolder: '/home/u' };
  return idempotentMaker(config, files())(callOf(plan.argv, [], '/home/u'), plan);
}

const IDEMPOTENT = [rule('/home/u/h/**', true)];

test('the program or script that a handler declares so', () => {
  expect(mayRepeat(exec('/home/u/h/guard'), IDEMPOTENT)).toBe(true);
  expect(mayRepeat(exec('/bin/bash', '/home/u/h/guard.sh', '/tmp/x'), IDEMPOTENT)).toBe(true);
});

test('not one that no handler matches, nor one whose handler says nothing', () => {
  expect(mayRepeat(exec('/home/u/guard'), IDEMPOTENT)).toBe(false);
  expect(mayRepeat(exec('/home/u/h/guard'), [rule('/home/u/h/g*', false), ...IDEMPOTENT])).toBe(false);
});

test('not a text for a shell, whatever it names', () => {
  expect(mayRepeat(exec('/bin/sh', '-c', '/home/u/h/guard; rm /tmp/x'), IDEMPOTENT)).toBe(false);
});

test('not a declared file that another program takes as an argument', () => {
  expect(mayRepeat(exec('/usr/bin/timeout', '5', '/home/u/h/guard'), IDEMPOTENT)).toBe(false);
});
