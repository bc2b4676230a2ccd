/** The scripts in the real shells: what is on the line once Tab was pressed. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestHome } from '../lib/daemon.js';
import { onlyWith } from '../lib/skip.js';

let home: TestHome;
beforeAll(() => {
  home = new TestHome();
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { status, stdout } = home.supervisor(['completion', shell]);
    expect(status).toBe(0);
    writeFileSync(join(home.root, shell), stdout);
  }
  writeFileSync(join(home.root, 'rules.json'), '{}');
  mkdirSync(join(home.root, 'bin'));
  // What a daemon with one pool would say.
  const names =
    'case "$*" in "pool-names pools") echo exec ;; "pool-names workers") printf "%s\\n" exec exec/zero ;; esac';
  writeFileSync(join(home.root, 'bin/supervisor'), `#!/bin/sh\n${names}\n`, { mode: 0o755 });
});
afterAll(() => home.remove());

/** What is typed, and the words that the command gets. */
const TYPED: readonly [typed: string, got: string][] = [
  ['supervisor st\t', '<status>'],
  ['supervisor --no-color doc\t', '<--no-color><doctor>'],
  ['supervisor status --js\t', '<status><--json>'],
  ['supervisor up --log-level de\t', '<up><--log-level><debug>'],
  ['supervisor up --log-level=de\t', '<up><--log-level=debug>'],
  ['supervisor up --config rul\t', '<up><--config><rules.json>'],
  ['supervisor help sta\t', '<help><status>'],
  ['supervisor completion zs\t', '<completion><zsh>'],
  ['supervisor why ex\t', '<why><exec>'],
  ['supervisor events --pool ex\t', '<events><--pool><exec>'],
  ['supervisor kick exec/\t', '<kick><exec/zero>'],
  ['supervisor kick --fo\t', '<kick><--force>'],
  ['supervisor replay rul\t', '<replay><rules.json>'],
  ['supervisor replay --js\t', '<replay><--json>'],
  ['supervisor test true rul\t', '<test><true><rules.json>'],
  ['supervisor record of\t', '<record><off>'],
  ['supervisor migrate claude sup\t', '<migrate><claude><supervisor>'],
  ['supervisor-hook ru\t', '<run>'],
  ['supervisor-hook run --on-unavailable bl\t', '<run><--on-unavailable><block>'],
  ['supervisor-hook run --expl\trul\t', '<run><--explain'],
  ['supervisor-hook run -- unam\t', '<run><--><uname>'],
  ['supervisor-hook run -- cat rul\t', '<run><--><cat><rules.json>'],
];
const PRINTING = 'supervisor() { printf "<%s>" "$@"; echo; }; supervisor-hook() { supervisor "$@"; }';

function withPrograms(): string {
  return `${join(home.root, 'bin')}:${home.env.PATH}`;
}

/** Types all lines into one shell; answers what it printed. */
function typeInto(program: string, args: string[], start: string): string {
  const input = [start, PRINTING, ...TYPED.map(([typed]) => typed), 'exit', ''].join('\n');
  const env = { PATH: withPrograms(), HOME: home.home, TERM: 'dumb' };
  const { stdout } = spawnSync(program, args, { input, env, cwd: home.root, encoding: 'utf8', timeout: 20_000 });
  return stdout;
}

describe('Tab', () => {
  test('bash', onlyWith('bash'), () => {
    const printed = typeInto('bash', ['--norc', '--noprofile', '-i'], '. ./bash');
    for (const [typed, got] of TYPED) expect(printed, typed).toContain(got);
  });

  // Its line editor wants a terminal.
  test('zsh', onlyWith('zsh', 'script'), () => {
    const printed = typeInto('script', ['-qec', 'zsh -f', '/dev/null'], 'autoload -Uz compinit; compinit -D; . ./zsh');
    for (const [typed, got] of TYPED) expect(printed, typed).toContain(got);
  });

  test('zsh, found on fpath', onlyWith('zsh', 'script'), () => {
    const start = 'mkdir f; cp zsh f/_supervisor; fpath=($PWD/f $fpath); autoload -Uz compinit; compinit -D';
    const printed = typeInto('script', ['-qec', 'zsh -f', '/dev/null'], start);
    for (const [typed, got] of TYPED) expect(printed, typed).toContain(got);
  });
});

describe('fish', () => {
  const candidates = (line: string): string[] => {
    const program = 'function supervisor; end; function supervisor-hook; end; source fish; complete -C $argv[1]';
    const { stdout, stderr } = home.execute('fish', ['-N', '-c', program, line], { PATH: withPrograms() });
    expect(stderr).toBe('');
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((one) => one.split('\t')[0] ?? '');
  };

  test.each([
    ['supervisor st', ['status']],
    ['supervisor --no-color doc', ['doctor']],
    ['supervisor status --js', ['--json']],
    ['supervisor up --log-level de', ['debug']],
    ['supervisor up --log-level=de', ['--log-level=debug']],
    ['supervisor up --config rul', ['rules.json']],
    ['supervisor help sta', ['status']],
    ['supervisor completion ', ['bash', 'fish', 'zsh']],
    ['supervisor why ', ['exec']],
    ['supervisor events --pool ', ['exec']],
    ['supervisor kick exec/', ['exec/zero']],
    ['supervisor-hook ', ['event', 'run', 'sh']],
    ['supervisor-hook run --on-unavailable bl', ['block']],
    ['supervisor-hook run -- unam', ['uname']],
    ['supervisor-hook run -- cat rul', ['rules.json']],
    ['supervisor-hook run -- supervisor stat', ['status']],
  ])('%s', onlyWith('fish'), (line, expected) => {
    expect(candidates(line)).toEqual(expected);
  });
});
