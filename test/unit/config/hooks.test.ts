/** Hooks of events as they are declared: what is not said, and what is wrong with them. */
import { describe, expect, test } from 'vitest';
import { changesOf } from '../../../supervisor/config/changes.js';
import { defaultConfig } from '../../../supervisor/config/defaults.js';
import { judgeLayer } from '../../../supervisor/config/layer.js';
import { settle } from '../../../supervisor/config/settle.js';
import { judgeAsked } from '../../../supervisor/validating/problems.js';

const placeOf = (keyPath: string) => `file: ${keyPath}`;
const validators = [{ name: 'v', entry: '/v.mjs' }];

function settled(values: object) {
  const judged = judgeLayer({ values, placeOf });
  const rules = { profile: 'balanced', memoryTotalBytes: 2 ** 34, home: '/h', judgeAsked } as const;
  const { settings, problems } = settle([{ ...judged, placeOf }], rules);
  return { settings, problems: [...judged.problems, ...problems] };
}

const problemsOf = (...hooks: object[]) => settled({ validators, hooks }).problems;

test('what is not said', () => {
  const { settings, problems } = settled({ hooks: [{ name: 'h', command: 'x' }] });
  expect(problems).toEqual([]);
  expect(settings.hooks).toEqual([
    {
      ...{ name: 'h', command: 'x', agents: [], events: [], matcher: '', level: undefined, timeoutMs: 60_000 },
      onFailure: undefined,
    },
  ]);
});

describe('problems', () => {
  test.each([
    ['no name', { command: 'x' }, 'file: hooks.0.name'],
    ['no command', { name: 'h' }, 'file: hooks.0.command'],
    ['an empty command', { name: 'h', command: '' }, 'file: hooks.0.command'],
    ['no program', { name: 'h', command: [] }, 'file: hooks.0.command'],
    ['an empty program', { name: 'h', command: ['', 'a'] }, 'file: hooks.0.command'],
    ['an agent that there is not', { name: 'h', command: 'x', agents: ['nobody'] }, 'file: hooks.0.agents.0'],
    ['a key of validators', { name: 'h', command: 'x', entry: '/x' }, 'file: hooks.0.entry'],
  ])('%s', (_what, hook, where) => {
    expect(problemsOf(hook)).toMatchObject([{ where }]);
  });

  test('a matcher that its agent cannot understand', () => {
    expect(problemsOf({ name: 'h', command: 'x', matcher: '(', agents: ['claude'] })).toMatchObject([
      { where: 'hooks: h', what: 'matcher "(" is no valid expression to Claude Code' },
    ]);
  });

  test.each([
    ['supervisor-hook event'],
    ['/opt/bin/supervisor-hook run -- x'],
    [['/opt/bin/supervisor-hook', 'event']],
  ])('%j would ask for the event for ever', (command) => {
    expect(problemsOf({ name: 'h', command })).toMatchObject([
      { where: 'hooks: h', what: 'its command begins with the client' },
    ]);
  });

  test('a name that another hook has, or a validator', () => {
    expect(
      problemsOf({ name: 'v', command: 'x' }, { name: 'h', command: 'x' }, { name: 'h', command: 'y' }),
    ).toMatchObject([
      { where: 'file: hooks.0.name', what: 'there is another "v"' },
      { where: 'file: hooks.2.name', what: 'there is another "h"' },
    ]);
  });
});

test('a change of one takes effect for the next calls', () => {
  const before = { ...defaultConfig(2 ** 34), homeFolder: '/h', runtimeFolder: '/r', stateFolder: '/s' };
  const hooksOf = (command: string) => settled({ hooks: [{ name: 'h', command }] }).settings.hooks;
  const [from, to] = [hooksOf('x'), hooksOf('y')];
  expect(changesOf({ ...before, hooks: from }, { ...before, hooks: to })).toEqual([
    { keyPath: 'hooks.0', from: JSON.stringify(from[0]), to: JSON.stringify(to[0]), takesEffect: 'calls' },
  ]);
});
