/** A recording: calls of real sessions, to be sent again by `supervisor replay`. Written only while the user has asked for it.
 *  The environment of a call is not in it, but for names. One line of JSON each: a head, then the calls. */
import type { CallPath, Level, Runtime } from './call.js';
import type { OutcomeKind } from './outcome.js';

export const RECORDING_SCHEMA = 'supervisor.recording/v1';

export interface RecordingHead {
  schema: typeof RECORDING_SCHEMA;
  /** Since 1970. */
  startedAtMs: number;
  version: string;
}

/** UTF-8, or what is none. */
export type KeptText = string | { base64: string };

/** What passed by a descriptor, or the beginning of it. */
export interface KeptStream {
  content: KeptText;
  /** Of the whole, before anything was masked. */
  bytes: number;
  /** There was more than is kept. */
  isCut: boolean;
  /** Secrets that were masked in it. */
  masked: number;
}

export interface RecordedCall {
  /** Its end, since 1970. */
  atMs: number;
  /** As the client was given it; of a text the shell, `-c` and the text. */
  argv: KeptText[];
  cwd: KeptText;
  /** Secrets that were masked in argv and cwd: without them it is another command. */
  wordsMasked: number;
  isShellText: boolean;
  /** Its stdout and stderr were one file, and all is in `stdout`. */
  isMerged: boolean;
  isBlocking: boolean;
  /** What the client asked for. */
  levelAsked: Level | null;
  timeoutMs: number;
  /** Names of variables that the command uses, or that agents set. */
  envNames: string[];
  /** Of those that name an agent's project: how many folders it is above `cwd`. */
  projects: Record<string, number>;
  stdin: KeptStream;
  stdout: KeptStream;
  stderr: KeptStream;
  outcome: OutcomeKind;
  exitCode: number;
  signal: number;
  /** From the CALL to the answer, as the daemon sees it. */
  ms: number;
  path: CallPath;
  runtime: Runtime | null;
  level: Level;
}

/** `time`, `size`: of its bounds. `failed`: the file could not be written. */
export type RecordingEnd = 'asked' | 'time' | 'size' | 'failed' | 'stopping';

/** Of the one that is on, else of the last one of this daemon. */
export interface RecordingStatus {
  isOn: boolean;
  /** '': there was none. */
  file: string;
  /** null: it is over. */
  endsInMs: number | null;
  /** null: it is on, or there was none. */
  ended: RecordingEnd | null;
  /** Why it failed; ''. */
  reason: string;
  written: number;
  /** Calls that found no room, or were not over when the recording was. */
  dropped: number;
  /** Calls that were left to the client: nobody here has seen their answers. */
  unseen: number;
  bytes: number;
  maxBytes: number;
}
