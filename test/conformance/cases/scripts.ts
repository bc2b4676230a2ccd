/** Scripts that the kernel starts by their #! line, and commands started through env. */
import { dirname } from 'node:path';
import { expect } from 'vitest';
import { findPython } from '../../lib/python.js';
import { source } from '../../lib/source.js';
import type { HookCase } from '../case.js';
import { SHOW_MAIN, SHOW_START } from './python-probes.js';

const ok = { exitCode: 0, stderr: '' };
const python = findPython().executable;
const SHOW_ENVIRONMENT = source`
  import os, sys
  print(sys.argv, sys.orig_argv, sys.executable, list(os.environb.items()))
  sys.stdout.flush()
  os.execv('/usr/bin/env', ['env', '-0'])
`;

export const pythonScripts: HookCase[] = [
  {
    name: '#! with env',
    command: ['./hook', 'x', ''],
    files: { hook: `#!/usr/bin/env python3\n${SHOW_START}${SHOW_MAIN}` },
    shows: { ...ok, stdout: expect.stringContaining("['./hook', 'x', '']") },
  },
  {
    name: '#! with an interpreter',
    command: ['./hook.py', 'x'],
    files: { 'hook.py': `#!${python}\n${SHOW_START}${SHOW_MAIN}` },
    shows: { ...ok, stdout: expect.stringContaining(`['${python}', './hook.py', 'x']`) },
  },
  {
    name: '#! with an interpreter and a flag',
    command: ['./hook.py'],
    files: { 'hook.py': `#! ${python}   -u  \n${SHOW_START}` },
    shows: { ...ok, stdout: expect.stringContaining(`['${python}', '-u', './hook.py']`) },
  },
  {
    name: '#! with env -S, variables and a flag',
    command: ['./hook.py', 'x'],
    files: { 'hook.py': `#!/usr/bin/env -S -u GONE ADDED=1 USER=other python3 -B\n${SHOW_ENVIRONMENT}` },
    env: ['GONE=1', 'LAST=1'],
    shows: { ...ok, stdout: expect.stringMatching(/\0ADDED=1\0$/) },
  },
  {
    name: '#! whose interpreter is a script with a #! line',
    command: ['./hook'],
    exec: { forms: ['sh'], reason: 'a #! line with a relative path is left to the shell' },
    files: { hook: '#!./inner\nprint("not seen")\n', inner: `#!${python} -B\n${SHOW_START}` },
    shows: { ...ok, stdout: expect.stringContaining(`['${python}', '-B', './inner', './hook']`) },
  },
  {
    name: '#! script that fails: the traceback names it as it was called',
    command: ['./sub/../hook.py'],
    files: { 'hook.py': '#!/usr/bin/env python3\nraise ValueError(7)\n', 'sub/file': '' },
    shows: { exitCode: 1, stderr: expect.stringContaining('/./sub/../hook.py", line 2') },
  },
  {
    name: '#! with a virtual environment on PATH',
    command: ({ venv, workspace }) => [
      '/usr/bin/env',
      `PATH=${venv}/bin:/usr/bin:/bin`,
      'python3',
      `${workspace}/hook.py`,
    ],
    files: { 'hook.py': SHOW_START },
    shows: { ...ok, stdout: expect.stringContaining('/venv/bin/python3') },
  },
  {
    name: 'env with variables',
    command: ['/usr/bin/env', 'USER=other', 'PYTHONDONTWRITEBYTECODE=1', 'python3', 'hook.py'],
    files: { 'hook.py': `${SHOW_START}${SHOW_ENVIRONMENT}` },
    shows: { ...ok, stdout: expect.stringContaining('USER=other\0') },
  },
  {
    name: 'env -i',
    forms: ['run'], // nothing of the environment is left to tell the pools of two forms apart
    command: ['env', '-i', 'LC_ALL=C.UTF-8', python, '-c', SHOW_ENVIRONMENT],
    shows: { ...ok, stdout: expect.stringContaining('\nLC_ALL=C.UTF-8\0') },
  },
];

const SHOW_NODE = source`
  console.log(process.argv, process.argv0, process.execPath, process.execArgv, process.title, require.main.filename);
  console.log(Object.entries(process.env));
`;

export const nodeScripts: HookCase[] = [
  {
    name: '#! with node',
    command: ['./hook.js', 'x'],
    files: { 'hook.js': `#!${process.execPath}\n${SHOW_NODE}` },
    shows: { ...ok, stdout: expect.stringContaining('/hook.js') },
  },
  {
    name: '#! with env and node',
    command: ['./hook', 'x'],
    files: { hook: `#!/usr/bin/env -S A=1 node --no-warnings\n${SHOW_NODE}` },
    env: [`PATH=${dirname(process.execPath)}`],
    shows: { ...ok, stdout: expect.stringContaining("[ '--no-warnings' ]") },
  },
];
