/** Codex CLI. Hooks have to be trusted by hand in its own window; a run without one can only set that aside. */
import type { ModelProtocol, Turn } from '../model-server.js';
import { type AgentClient, groups } from './client.js';

const MOMENTS = {
  beforeTool: 'PreToolUse',
  afterTool: 'PostToolUse',
  sessionStart: 'SessionStart',
  prompt: 'UserPromptSubmit',
  end: 'Stop',
} as const;
const TRUSTS_ANY_HOOK = '--dangerously-bypass-hook-trust';

const protocol: ModelProtocol = {
  path: /\/responses$/,
  events: (turn, at) => [
    { type: 'response.created', response: { id: `response-${at}` } },
    { type: 'response.output_item.done', output_index: 0, item: itemOf(turn, at) },
    {
      type: 'response.completed',
      response: { id: `response-${at}`, usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } },
    },
  ],
  talk: ({ input }) => input,
};

function itemOf(turn: Turn, at: number): object {
  if ('text' in turn) {
    return { type: 'message', role: 'assistant', id: `message-${at}`, content: [{ type: 'output_text', ...turn }] };
  }
  const call = { type: 'function_call', id: `function-${at}`, call_id: `call-${at}`, name: 'exec_command' };
  return { ...call, arguments: JSON.stringify({ cmd: turn.command }) };
}

export const codex: AgentClient = {
  name: 'codex',
  protocol,
  hookFile: '.codex/hooks.json',
  hookFileText: (hooks) => `${JSON.stringify({ hooks: groups(hooks, MOMENTS, 1_000) }, null, 2)}\n`,
  files: ({ modelUrl }) => ({
    '.codex/config.toml': `model = "scripted"
model_provider = "scripted"
check_for_update_on_startup = false
[model_providers.scripted]
name = "scripted"
base_url = "${modelUrl}/v1"
wire_api = "responses"
env_key = "SCRIPTED_KEY"
[features]
plugins = false
[analytics]
enabled = false
`,
  }),
  project: { name: 'project', inCommand: '.' },
  args: [
    ...['exec', '--json', '--skip-git-repo-check', TRUSTS_ANY_HOOK],
    ...['--dangerously-bypass-approvals-and-sandbox', 'go on'],
  ],
  env: ({ home }) => ({ CODEX_HOME: `${home}/.codex`, SCRIPTED_KEY: 'dummy', SHELL: '/bin/bash' }),
  says: {
    rewrite: (command) => ({
      hookSpecificOutput: {
        hookEventName: MOMENTS.beforeTool,
        permissionDecision: 'allow',
        updatedInput: { command },
      },
    }),
    context: (moment, additionalContext) => ({
      hookSpecificOutput: { hookEventName: MOMENTS[moment], additionalContext },
    }),
  },
  volatile: [
    [/Chunk ID: \w+/g, 'Chunk ID: 0'],
    [/Wall time: [\d.]+ seconds/g, 'Wall time: 0 seconds'],
  ],
};

/** As a user starts it who has trusted hooks, or has not. */
export const codexAsUsual: AgentClient = { ...codex, args: codex.args.filter((arg) => arg !== TRUSTS_ANY_HOOK) };
