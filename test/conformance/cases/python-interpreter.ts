/** What the interpreter is told and finds: flags, variables, modules, kinds of program. */
import { join } from 'node:path';
import { expect } from 'vitest';
import { utf8 } from '../../lib/launcher.js';
import { source } from '../../lib/source.js';
import { zip } from '../../lib/zip.js';
import type { HookCase } from '../case.js';
import { SHOW_MAIN, SHOW_START } from './python-probes.js';

const ok = { exitCode: 0, stderr: '' };

export const pythonInterpreter: HookCase[] = [
  {
    name: '-c',
    command: ['python3', '-c', `${SHOW_START}${SHOW_MAIN}`, 'a', '-b'],
    shows: { ...ok, stdout: expect.stringContaining("['-c', 'a', '-b']") },
  },
  {
    name: '-m of a module and a package',
    command: ['python3', '-m', 'tool', 'x'],
    files: { 'tool/__init__.py': 'print("package", __name__)\n', 'tool/__main__.py': `${SHOW_START}${SHOW_MAIN}` },
    shows: { ...ok, stdout: expect.stringContaining('package tool') },
  },
  {
    name: '-u',
    command: ['python3', '-u', 'hook.py'],
    files: { 'hook.py': `${SHOW_START}import os\nprint("text", end="")\nos._exit(0)\n` },
    shows: { ...ok, stdout: expect.stringMatching(/text$/) },
  },
  {
    name: '-I',
    command: ['python3', '-I', 'hook.py'],
    files: { 'hook.py': SHOW_START },
    env: ['PYTHONPATH=/nowhere', 'PYTHONIOENCODING=latin-1'],
    shows: { ...ok, stdout: expect.stringContaining('isolated=1') },
  },
  {
    name: '-S -E -s',
    command: ['python3', '-SEs', 'hook.py'],
    files: { 'hook.py': SHOW_START },
    env: ['PYTHONPATH=/nowhere'],
    shows: { ...ok, stdout: expect.stringContaining('no_site=1') },
  },
  {
    name: '-O -B -W error -X utf8',
    command: ['python3', '-OBWerror', '-X', 'utf8', 'hook.py'],
    files: { 'hook.py': `${SHOW_START}assert False\nimport warnings\nwarnings.warn("now an error")\n` },
    shows: { exitCode: 1, stderr: expect.stringContaining('UserWarning: now an error') },
  },
  {
    name: '-X dev',
    command: ['python3', '-X', 'dev', 'hook.py'],
    files: { 'hook.py': `${SHOW_START}left_open = open("file", "w")\ndel left_open\n` },
    shows: { exitCode: 0, stderr: expect.stringContaining('ResourceWarning') },
  },
  {
    name: 'PYTHON* variables',
    command: ['python3', 'hook.py'],
    files: { 'hook.py': `${SHOW_START}import helper\nprint(hash("text"))\n` },
    env: ({ library }) => [
      `PYTHONPATH=${library}`,
      'PYTHONHASHSEED=7',
      'PYTHONIOENCODING=latin-1:replace',
      'PYTHONUNBUFFERED=1',
    ],
    shows: { ...ok, stdout: expect.stringContaining('helper') },
  },
  {
    name: 'PYTHONWARNINGS, PYTHONOPTIMIZE, PYTHONPYCACHEPREFIX',
    command: ['python3', 'hook.py'],
    files: { 'hook.py': `${SHOW_START}import sibling\n`, 'sibling.py': 'import warnings\nwarnings.warn("seen")\n' },
    env: ({ library }) => ['PYTHONWARNINGS=always', 'PYTHONOPTIMIZE=2', `PYTHONPYCACHEPREFIX=${library}/cache`],
    shows: { exitCode: 0, stderr: expect.stringContaining('seen') },
  },
  {
    name: 'locale C',
    command: ['python3', 'hook.py'],
    files: { 'hook.py': `${SHOW_START}import locale\nprint(locale.setlocale(locale.LC_ALL), "\\u00e9")\n` },
    env: ['LC_ALL=C'],
    shows: ok,
  },
  {
    name: 'locale that does not exist',
    command: ['python3', 'hook.py'],
    files: { 'hook.py': `${SHOW_START}import locale\nprint(locale.getlocale())\n` },
    env: ['LC_ALL=xx_XX.nonsense', 'PYTHONCOERCECLOCALE=warn'],
    exec: { forms: ['run', 'sh'], reason: 'the interpreter speaks about the locale as it starts' },
    shows: { exitCode: 0 },
  },
  {
    name: 'time zone and home',
    command: ['python3', 'hook.py'],
    files: {
      'hook.py': source`
        import datetime, os, time
        print(time.tzname, datetime.datetime.fromtimestamp(0), os.path.expanduser('~'))
      `,
    },
    env: ['TZ=Asia/Tokyo', 'HOME=/nowhere'],
    shows: { ...ok, stdout: expect.stringContaining('09:00:00') },
  },
  {
    name: 'virtual environment',
    command: ({ venv }) => [join(venv, 'bin/python'), 'hook.py'],
    files: { 'hook.py': SHOW_START },
    shows: { ...ok, stdout: expect.stringContaining('/venv') },
  },
  {
    name: 'sibling imports',
    command: ['python3', 'hook.py'],
    files: {
      'hook.py': 'import near, near.deep\nprint(near.deep.__file__)\n',
      'near/__init__.py': '',
      'near/deep.py': '',
    },
    shows: { ...ok, stdout: expect.stringContaining('near/deep.py') },
  },
  {
    name: 'sibling that shadows a standard module',
    command: ['python3', 'hook.py'],
    files: { 'hook.py': 'import json\nprint(json.mine)\n', 'json.py': 'mine = "my own json"\n' },
    shows: { ...ok, stdout: 'my own json\n' },
  },
  {
    name: 'modules that nobody imported are not there',
    command: ['python3', 'hook.py'],
    files: {
      'hook.py': source`
        import sys
        print(sorted(name for name in sys.modules if not name.startswith('encodings')))
        import xml, concurrent, urllib, importlib, logging, email, os
        for module in xml, concurrent, urllib, importlib, logging, email:
            print(module.__name__, sorted(name for name in vars(module) if not name.startswith('_')))
      `,
    },
    shows: ok,
  },
  {
    name: 'zip archive with a __main__',
    command: ['python3', 'tool.pyz', 'a'],
    files: { 'tool.pyz': zip({ '__main__.py': `${SHOW_START}${SHOW_MAIN}import inner\n`, 'inner.py': '1 / 0\n' }) },
    shows: { exitCode: 1, stderr: expect.stringContaining('ZeroDivisionError') },
  },
  {
    name: 'folder with a __main__',
    command: ['python3', 'tool', 'a'],
    files: { 'tool/__main__.py': `${SHOW_START}${SHOW_MAIN}import inner\n`, 'tool/inner.py': 'print(__file__)\n' },
    shows: { ...ok, stdout: expect.stringContaining('tool/inner.py') },
  },
  {
    name: 'byte order mark, coding cookie, no newline at the end',
    command: ['python3', 'hook.py'],
    files: {
      'hook.py': '\xef\xbb\xbfimport cookie\nprint(cookie.text)',
      'cookie.py': '# coding: latin-1\ntext = "\xe9"\n',
    },
    shows: { ...ok, stdout: utf8('é\n') },
  },
  {
    name: 'syntax error',
    command: ['python3', 'hook.py'],
    files: { 'hook.py': 'print("never printed")\nif True\n    pass\n' },
    exec: { forms: ['run', 'sh'], reason: 'only the interpreter itself reports it the same way' },
    shows: { exitCode: 1, stdout: '', stderr: expect.stringContaining('SyntaxError') },
  },
];
