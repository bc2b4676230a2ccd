import { expect, test } from 'vitest';
import { loadsCode, recogniseShim } from '../../../supervisor/router/shims.js';
import { source } from '../../lib/source.js';
import { program } from './call.js';

const PYENV = source`
  #!/usr/bin/env bash
  set -e
  [ -n "$PYENV_DEBUG" ] && set -x

  program="\${0##*/}"

  export PYENV_ROOT="/opt/pyenv"
  exec "/opt/pyenv/libexec/pyenv" exec "$program" "$@"
`;
const script = (text: string) => program('shim', { format: 'script', text });
const elf = (realPath: string) => program('shim', { realPath });

test.each([
  ['/opt/pyenv/shims/python3', script(PYENV), 'pyenv'],
  ['/opt/pyenv/shims/python3', script(PYENV.replace('libexec/pyenv"', 'bin/pyenv"')), 'pyenv'],
  ['/opt/data/mise/shims/node', elf('/opt/bin/mise'), 'mise'],
  ['/home/u/bin/python3', script(PYENV), undefined],
  ['shims/python3', script(PYENV), undefined],
  ['/opt/pyenv/shims/python3', script(PYENV.replace('exec "/', 'rm "/')), undefined],
  ['/opt/pyenv/shims/python3', script(PYENV.replace('"/opt/pyenv"', '"$(id)"')), undefined],
  ['/opt/pyenv/shims/python3', script('#!/bin/sh\nexec /opt/python3 "$@"\n'), undefined],
  ['/opt/bin/python3', elf('/opt/bin/mise'), undefined],
  ['/opt/shims/python3', elf('/opt/bin/miser'), undefined],
  ['/opt/.volta/bin/node', elf('/opt/.volta/bin/volta-shim'), undefined],
])('%s, a %o: %s', (path, file, tool) => {
  expect(recogniseShim(path, file)).toBe(tool);
});

test('code of the caller that would be loaded into whatever runs', () => {
  expect(loadsCode(['A=1', 'BASH_ENV=', 'ENVIRONMENT=x'])).toBe(false);
  for (const entry of ['BASH_ENV=/x', 'ENV=/x', 'LD_PRELOAD=/x', 'LD_AUDIT=/x', 'BASH_FUNC_a%%=() {  :; }']) {
    expect(loadsCode(['A=1', entry])).toBe(true);
  }
});
