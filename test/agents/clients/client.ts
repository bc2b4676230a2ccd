/** A coding agent as the lane drives it: how its session is started, and its words for what hooks can do. */
import type { ModelProtocol } from '../model-server.js';

/** Of a hook: its command, and after how long the agent gives it up. */
export interface WantedHook {
  command: string;
  timeoutMs?: number;
}

/** What a hook runs before: each agent has its own name for it. */
export type Moment = 'beforeTool' | 'afterTool' | 'sessionStart' | 'prompt' | 'end';
export type WantedHooks = Partial<Record<Moment, readonly WantedHook[]>>;

export interface Place {
  home: string;
  modelUrl: string;
}

export interface AgentClient {
  name: 'gemini' | 'codex';
  protocol: ModelProtocol;
  /** Where `hookFileText` belongs, below the home. */
  hookFile: string;
  hookFileText(hooks: WantedHooks): string;
  /** Further files below the home, by name. */
  files(place: Place): Record<string, string>;
  /** The name of the project's folder, and what the agent puts it in place of in a hook's command. */
  project: { name: string; inCommand: string };
  /** Behind the program. */
  args: readonly string[];
  env(place: Place): Record<string, string>;
  /** Answers of hooks. */
  says: {
    /** Runs this instead. */
    rewrite(command: string): object;
    /** Tells the model. */
    context(moment: Moment, text: string): object;
  };
  /** Ids, times and durations that differ from one session to the next -> a word for each. */
  volatile: readonly [RegExp, string][];
}

export interface HookGroup {
  hooks: readonly object[];
}

/** The groups of hooks by the agent's names for the moments. */
export function groups(
  hooks: WantedHooks,
  nameOf: Readonly<Record<Moment, string>>,
  timeoutUnitMs: number,
): Record<string, HookGroup[]> {
  const entries = Object.entries(hooks) as [Moment, readonly WantedHook[]][];
  return Object.fromEntries(
    entries.map(([moment, wanted]) => [
      nameOf[moment],
      [
        {
          hooks: wanted.map(({ command, timeoutMs }) => ({
            type: 'command',
            command,
            ...(timeoutMs === undefined ? {} : { timeout: timeoutMs / timeoutUnitMs }),
          })),
        },
      ],
    ]),
  );
}
