import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { renderTrials } from '../../../../supervisor/cli/render/trials.js';
import { denials } from '../../../../supervisor/cli/trial/denials.js';
import { hookMeant } from '../../../../supervisor/cli/trial/hook-meant.js';
import type { LevelTrial, Ran } from '../../../../supervisor/cli/trial/try-level.js';
import type { HandlerRule } from '../../../../supervisor/contract/config.js';

const home = mkdtempSync(join(tmpdir(), 'hs-trial-'));
afterAll(() => rmSync(home, { recursive: true }));
const rule = (match: string) => ({ match }) as HandlerRule;
const config = {
  homeFolder: home,
  handlers: ['guard.py', 'run', 'notes.txt', '*.js'].map((name) => rule(join(home, name))),
};
const file = (name: string, mode = 0o644) => {
  writeFileSync(join(home, name), '#!/bin/sh\n');
  chmodSync(join(home, name), mode);
  return join(home, name);
};

describe('the hook that is meant', () => {
  test('a text that is no handler is a command for the shell', () => {
    for (const text of ['cat; true', file('other.py')]) {
      expect(hookMeant(text, config)).toEqual({ ok: true, argv: ['/bin/sh', '-c', text], isShellText: true });
    }
  });

  test('a handler is its file: run by itself where it is executable, else by its ending; ~ is the home', () => {
    const [guard, run] = [file('guard.py'), file('run', 0o755)];
    expect(hookMeant('~/guard.py', config)).toEqual({ ok: true, argv: ['python3', guard], isShellText: false });
    expect(hookMeant(run, config)).toEqual({ ok: true, argv: [run], isShellText: false });
  });

  test('a handler of many files, or of one that nothing is known to run, is told', () => {
    const [many, notes] = [hookMeant(join(home, '*.js'), config), hookMeant(file('notes.txt'), config)];
    expect([many, notes]).toMatchObject([
      { ok: false, problem: { what: expect.stringContaining('more than one file') } },
      { ok: false, problem: { remedy: expect.stringContaining('INTERPRETER') } },
    ]);
  });
});

describe('what was denied', () => {
  test.each([
    "touch: cannot touch '/etc/x': Permission denied",
    'OSError: [Errno 30] Read-only file system: /etc/x',
    'Error: EACCES: open /etc/x',
    'curl: (6) Could not resolve host: a.b',
    'cat: /h/.ssh/id: No such file or directory',
  ])('%s', (line) => {
    expect(denials(`fine\n${line}\n`, 'fine\n', null)).toEqual([line]);
  });

  test('not what it says without a sandbox, too, nor twice', () => {
    expect(denials('a: Permission denied\nb: EPERM\nb: EPERM', 'a: Permission denied', null)).toEqual(['b: EPERM']);
  });

  test('and what its limits did, by their counts', () => {
    const usage = { memoryPeakBytes: 1, cpuMs: 1, throttledMs: 0, oomKills: 2, pidsMaxHits: 3, denialsTold: 0 };
    expect(denials('', '', usage)).toEqual([
      'memory: the limit ended 2 of its processes',
      'processes: the limit refused 3 forks',
    ]);
  });

  test('bounded, in lines and in their length', () => {
    const many = denials(Array.from({ length: 50 }, (_, n) => `${n}${'x'.repeat(900)} EPERM`).join('\n'), '', null);
    expect(many.length).toBe(10);
    expect(many.every((line) => line.length === 200)).toBe(true);
  });
});

const ran = (given: Partial<Ran>): Ran => ({
  ...{ asked: 'contained', ran: true, level: 'contained', outcome: 'answered', exitCode: 0, signal: 0 },
  ...{ stdout: 'ok\n', stderr: '', milliseconds: 12, path: 'exec', enforced: ['session'], denied: [] },
  usage: { memoryPeakBytes: 3 * 1024 ** 2, cpuMs: 4, throttledMs: 0, oomKills: 0, pidsMaxHits: 0, denialsTold: 0 },
  ...given,
});

test('for people: a row for each level, words once, what differs, and why a level cannot be had', () => {
  const trials: LevelTrial[] = [
    ran({}),
    ran({ asked: 'restricted', level: 'restricted', stdout: '', exitCode: 1, denied: ['x: EPERM'], usage: null }),
    { asked: 'untrusted', ran: false, why: 'no user namespaces' },
  ];
  expect(
    renderTrials(trials, { width: 70, isColoured: false }),
  ).toBe(`LEVEL       ANSWER  TIME    CPU     PEAK  DENIED  PATH  ENFORCED
contained   exit 0  12ms  4.0ms       3M       0  exec  session
restricted  exit 1  12ms  0.0ms  unknown       1  exec  session

untrusted cannot be had: no user namespaces
contained
  stdout: ok
restricted: answers otherwise than at contained
  denied: x: EPERM
`);
});

test('an answer that is the same is not said twice', () => {
  const text = renderTrials([ran({}), ran({ asked: 'restricted', level: 'restricted' })], {
    width: 70,
    isColoured: false,
  });
  expect(text.split('\n').slice(4)).toEqual(['contained', '  stdout: ok', 'restricted: answers as at contained', '']);
});

test('a stricter level of the configuration is shown beside the one that was asked for', () => {
  const text = renderTrials([ran({ level: 'restricted' })], { width: 80, isColoured: false });
  expect(text).toContain('contained -> restricted');
});
