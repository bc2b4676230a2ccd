/** A validator as it is configured, an event and a rule, for tests that need one. */
import type { AgentEvent, CacheRule, ValidatorSpec } from '../../supervisor/contract/validating.js';

export const SPEC: ValidatorSpec = {
  name: 'guard',
  runtime: 'node',
  entry: '/p/guard.mjs',
  args: [],
  agents: [],
  events: [],
  matcher: '',
  level: 'untrusted',
  network: undefined,
  read: [],
  write: [],
  env: [],
  require: [],
  allowDegraded: false,
  priority: 'normal',
  timeoutMs: 5_000,
  dependsOn: [],
  cache: null,
  batch: null,
  idempotent: true,
  onFailure: 'continue',
  after: false,
  workersMax: 1,
  settings: {},
};

export const RULE: CacheRule = {
  ttlMs: 300_000,
  fields: [],
  files: [],
  env: [],
  scope: 'project',
  negative: false,
};

/** As Claude Code tells of a tool that is about to run. */
export function toolEvent(
  toolName: string,
  toolInput: Record<string, unknown>,
  raw: Record<string, unknown> = {},
): AgentEvent {
  const cwd = '/p';
  const told = {
    session_id: 's1',
    transcript_path: '/t',
    cwd,
    hook_event_name: 'PreToolUse',
    permission_mode: 'default',
  };
  return {
    ...{ agent: 'claude', name: 'PreToolUse', sessionId: 's1', cwd, matched: toolName, toolName, toolInput },
    raw: { ...told, tool_name: toolName, tool_input: toolInput, tool_use_id: 'toolu_1', ...raw },
  };
}

/** Nobody is asked after the answer. */
export const NOTHING_LATER = {
  analysers: { accept: () => ({ written: Promise.resolve(), begin() {} }) },
  words: { take: () => [] },
};
