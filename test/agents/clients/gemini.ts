/** Gemini CLI. Its telemetry and its updates are off; what it may reach besides is only loopback. */
import type { ModelProtocol, Turn } from '../model-server.js';
import { type AgentClient, groups } from './client.js';

const MOMENTS = {
  beforeTool: 'BeforeTool',
  afterTool: 'AfterTool',
  sessionStart: 'SessionStart',
  prompt: 'BeforeAgent',
  end: 'AfterAgent',
} as const;

const protocol: ModelProtocol = {
  path: /:streamGenerateContent/,
  events: (turn) => [
    {
      candidates: [{ index: 0, finishReason: 'STOP', content: { role: 'model', parts: [partOf(turn)] } }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    },
  ],
  talk: ({ contents }) => contents,
};

function partOf(turn: Turn): object {
  if ('text' in turn) return turn;
  return {
    functionCall: { name: 'run_shell_command', args: { command: turn.command, description: 'as the script says' } },
  };
}

export const gemini: AgentClient = {
  name: 'gemini',
  protocol,
  hookFile: '.gemini/settings.json',
  hookFileText: (hooks) =>
    `${JSON.stringify(
      {
        security: { auth: { selectedType: 'gemini-api-key' } },
        general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
        privacy: { usageStatisticsEnabled: false },
        hooks: groups(hooks, MOMENTS, 1),
      },
      null,
      2,
    )}\n`,
  files: () => ({}),
  // Which a shell of ours must not read.
  project: { name: "it's a $(echo run >> notes) `echo run >> notes`", inCommand: '$GEMINI_PROJECT_DIR' },
  args: ['-m', 'gemini-2.5-flash', '-p', 'go on', '--output-format', 'stream-json', '--approval-mode', 'yolo'],
  env: ({ modelUrl }) => ({
    GOOGLE_GEMINI_BASE_URL: modelUrl,
    GEMINI_API_KEY: 'dummy',
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
    // It would start itself a second time, with more memory.
    GEMINI_CLI_NO_RELAUNCH: 'true',
  }),
  says: {
    rewrite: (command) => ({ hookSpecificOutput: { hookEventName: MOMENTS.beforeTool, tool_input: { command } } }),
    context: (moment, additionalContext) => ({
      hookSpecificOutput: { hookEventName: MOMENTS[moment], additionalContext },
    }),
  },
  volatile: [
    [/(run_shell_command_)+\d+_\d+/g, 'CALL'],
    [/"duration_ms":\d+/g, '"duration_ms":0'],
    [/total duration: \d+ms/g, 'total duration: 0ms'],
    // Told where the process was seen to start a child.
    [/\\nProcess Group PGID: \d+/g, ''],
    // Its own measurements, which come in any order or not at all.
    [/^\[STARTUP\] .*\n/gm, ''],
  ],
};
