/** Hooks as people write them, from test/fixtures/hooks, behind the commands that agents are given. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { utf8 } from '../../lib/launcher.js';
import type { HookCase } from '../case.js';

function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/hooks/${name}`, import.meta.url), 'latin1');
}

const PROJECT = { env: ['CLAUDE_PROJECT_DIR=.'] };

export const realHooks: HookCase[] = [
  {
    ...PROJECT,
    name: 'guard that blocks',
    command: { shell: 'python3 "$CLAUDE_PROJECT_DIR"/guard.py' },
    forms: ['sh'],
    files: { 'guard.py': fixture('guard.py') },
    stdin: '{"tool_name": "Bash", "tool_input": {"command": "rm -rf /etc"}}',
    shows: { exitCode: 2, stdout: '', stderr: 'refused: /etc is outside the project\n' },
  },
  {
    name: 'guard that lets pass',
    command: ['python3', 'guard.py'],
    files: { 'guard.py': fixture('guard.py') },
    stdin: '{"tool_name": "Bash", "tool_input": {"command": "ls"}}',
    shows: { exitCode: 0, stdout: '', stderr: '' },
  },
  {
    name: 'guard given something else than JSON',
    command: ['python3', 'guard.py'],
    files: { 'guard.py': fixture('guard.py') },
    stdin: 'no JSON',
    shows: { exitCode: 1, stderr: expect.stringContaining('JSONDecodeError') },
  },
  {
    ...PROJECT,
    name: 'session context with a helper module beside it',
    command: ['python3', 'context.py'],
    files: { 'context.py': fixture('context.py'), 'project_facts.py': fixture('project_facts.py') },
    stdin: '{"hook_event_name": "SessionStart"}',
    shows: { exitCode: 0, stdout: expect.stringContaining(utf8('2 scripts, context.py, project_facts.py, ✓')) },
  },
  {
    name: 'audit log',
    command: ['python3', 'audit.py'],
    files: { 'audit.py': fixture('audit.py') },
    stdin: '{"tool_name": "Edit", "tool_input": {"file_path": "a.txt"}}\n',
    shows: { exitCode: 0, stderr: 'INFO logged Edit\n', files: { 'audit.jsonl': expect.stringContaining('"digest"') } },
  },
];

const protectFiles = { 'protect.sh': fixture('protect.sh'), '.protected': 'secrets/*\n*.lock\n' };

export const realShellHooks: HookCase[] = [
  {
    name: 'protect: blocks',
    command: ['./protect.sh'],
    files: protectFiles,
    stdin: '{"tool_input": {"file_path": "secrets/key"}}',
    shows: { exitCode: 2, stderr: 'protected by secrets/*: secrets/key\n' },
  },
  {
    name: 'protect: allows',
    command: ['bash', 'protect.sh'],
    files: protectFiles,
    stdin: '{"tool_input": {"file_path": "src/main.c"}}',
    shows: { exitCode: 0, stdout: expect.stringContaining('"allow"') },
  },
];
