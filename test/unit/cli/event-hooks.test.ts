/** Hooks that are run for events, as `status` and `doctor` tell of them. */
import { expect, test } from 'vitest';
import { eventHookChecks } from '../../../supervisor/cli/doctor/hooks/of-events.js';
import { eventHookLines } from '../../../supervisor/cli/render/event-hooks.js';
import { painter } from '../../../supervisor/cli/render/styles.js';
import { STATUS } from '../../lib/running-status.js';

const SPEC = { name: 'h', agents: [], events: [], matcher: '', level: undefined, timeoutMs: 1, onFailure: undefined };
const said = (...commands: (string | string[])[]) => {
  const hooks = commands.map((command) => ({ ...SPEC, command }));
  const checks = eventHookChecks({ env: { PATH: '/usr/bin:/bin' } }, { hooks });
  return checks.map(({ verdict, what, remedy }) => `${verdict} ${what}; ${remedy}`);
};

test('status: one line each, none where there are none', () => {
  const counts = { running: 1, asked: 5, denied: 2, failed: 0 };
  const hooks = [
    { name: 'guard', command: 'python3 guard.py', level: null, ...counts },
    { name: 'fmt', command: 'fmt', level: 'restricted' as const, ...counts },
  ];
  expect(eventHookLines({ ...STATUS, hooks }, 200, painter(false))).toEqual([
    'EVENT HOOK  LEVEL        RUNNING  ASKED  DENIED  FAILED  COMMAND',
    'guard       by handlers        1      5       2       0  python3 guard.py',
    'fmt         restricted         1      5       2       0  fmt',
    '',
  ]);
  expect(eventHookLines(STATUS, 200, painter(false))).toEqual([]);
});

test('doctor: nothing without them, one line where all is well', () => {
  expect(said()).toEqual([]);
  expect(said('sh x.sh', ['/bin/sh', 'x'])).toEqual(['OK 2 in the configuration, their programs are there; ']);
});

test.each([
  ['no-such-program x', 'no-such-program'],
  [['no-such-program'], 'no-such-program'],
  ['/no/such/program', '/no/such/program'],
  [['/etc/passwd'], '/etc/passwd'],
])('doctor: %j cannot run', (command, program) => {
  expect(said(command)).toEqual([`WARN h: there is no program ${program}; correct its command`]);
});

test.each(['cd /x && y', '"$HOME"/x', './x', 'exit 2', 'scripts/x a'])(
  'doctor: of %s it cannot be told here',
  (command) => {
    expect(said(command)[0]).toContain('OK');
  },
);

test.each(['cd x && supervisor-hook event', ['sh', '-c', '/a/supervisor-hook event --agent claude']])(
  'doctor: one that tells an event itself: %j',
  (command) => {
    expect(said(command)).toEqual([
      'WARN h: it tells an event itself, for which no hooks are run; call the hook itself in place of the client',
    ]);
    expect(said('cd x && supervisor-hook run -- sh y')[0]).toContain('OK');
  },
);

test('doctor: one that looks up a package each time', () => {
  expect(said('cd x; npx prettier')).toEqual([
    expect.stringMatching(/^WARN h: .*; call the program itself in place of npx/),
  ]);
});
