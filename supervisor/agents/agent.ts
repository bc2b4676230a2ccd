/** What an installer has to know of a coding agent: where its hooks stand, in what shape, and how it runs them. */
import type { HookShape } from './json/entries.js';

export const SCOPES = ['user', 'project', 'local', 'plugin', 'managed'] as const;
/** `project` is shared with others by the repository. `managed` belongs to the organisation: never written. */
export type Scope = (typeof SCOPES)[number];

export interface AgentFile {
  path: string;
  scope: Scope;
}

/** Facts that the choice of files depends on. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  /** From the current folder up to the root of its repository. */
  folders: readonly string[];
  /** The names in a folder; none where it cannot be read. */
  names(folder: string): readonly string[];
}

export type TextForm = 'quoted' | 'words';

export interface Agent {
  name: string;
  title: string;
  /** Its files in the order in which they are shown, whether they are there or not. */
  files(where: Surroundings): AgentFile[];
  /** False: what is said here of it is what its documentation says; nobody of us has run it with its hooks wrapped. */
  isMeasured: boolean;
  shape: HookShape;
  /** `quoted`: its shell is known, and a text is given to the client for that shell. `words`: it is not, and what is wrapped is a
   *  command that means the same to every shell, by words that do. */
  textForm: TextForm;
  /** Of the time-out in an entry. */
  timeoutUnitMs: 1 | 1_000;
  /** What a command text is run by: given to the client as `--shell`. Undefined: /bin/sh, the client's default. */
  shell: string | undefined;
  /** The first version that starts `command` with `args` directly, without a shell. Undefined: none does. */
  execFrom: string | undefined;
  /** Folders in the home of agents that can read its files, too. Of none of them is it known that it reads `args`, without
   *  which it would start the client alone, or that it asks by HTTP. */
  alsoReadBy: readonly string[];
  /** The first version that asks for hooks by HTTP, and the first that lets `onFailure` say what an absent one means.
   *  Undefined: none does. */
  httpFrom: { hooks: string; onFailure: string } | undefined;
  /** What the agent itself replaces by a path in the text of a command, before a shell sees it. In braces: just as it stands in the
   *  variable of that name, which the hook gets as well. Without: quoted for the shell. */
  placeholder: RegExp | undefined;
  /** Of two equal commands it runs one: then wrapping must make neither two of one nor one of two. */
  runsEqualOnce: boolean;
  /** Events where a time-out decides otherwise than a failure: a deadline of ours would change the decision. */
  timeoutDecides: readonly string[];
  /** Why nothing of it is rewritten here; undefined where nothing speaks against it. */
  refusal(env: NodeJS.ProcessEnv): string | undefined;
  /** What the user has to do after a change; ''. */
  hint: string;
  /** Hooks that stand in places where they are only told of. */
  elsewhere(where: Surroundings): Elsewhere[];
  /** None: it runs its hooks itself. */
  plugins(where: Surroundings): AgentPlugin[];
}

/** A file of ours by which an agent without hooks of its own runs those of a file. */
export interface AgentPlugin {
  /** Below the compiled program. */
  source: string;
  /** Where the agent looks for it. */
  path: string;
}

/** A file that is only looked at: it has hooks if `mark` is found in it. */
export interface Elsewhere {
  path: string;
  what: string;
  mark: RegExp;
}

/** An agent whose hooks are not rewritten, and why. */
export interface UnsupportedAgent {
  name: string;
  title: string;
  why: string;
}
