export interface Bounds {
  sessionsMax: number;
  resultsMax: number;
  bytesMax: number;
}

export interface Result {
  sessionId: string;
  agentId: string;
  label: string;
  key: string;
  isFailed: boolean;
  edits: readonly { path: string; change: string; isWhole: boolean }[];
  durationMs: number | null;
  outputCharacters: number;
}

export const BOUNDS: Bounds;

export class History {
  constructor(bounds?: Bounds);
  readonly sessionCount: number;
  readonly bytes: number;
  readonly sequence: number;
  of(sessionId: string): readonly (Result & { sequence: number })[];
  ofOthers(sessionId: string): readonly (Result & { sequence: number })[];
  add(result: Result): void;
}
