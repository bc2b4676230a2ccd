/** What text is written to: how wide, how high, and whether colour is welcome. */

export interface Page {
  /** Columns; Infinity where nothing breaks a line, as in a pipe or a file. */
  readonly width: number;
  readonly isColoured: boolean;
}

export interface Screen extends Page {
  readonly isTerminal: boolean;
  /** Lines; Infinity where there is no terminal. */
  readonly height: number;
}

export interface OutputStream {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

/** Of a terminal that does not tell its size, as a serial line. */
const UNKNOWN_COLUMNS = 80;
const UNKNOWN_ROWS = 24;

/** Sizes are read anew each time: a terminal may change under a command that stays. */
export function screenOf(stream: OutputStream, env: NodeJS.ProcessEnv): Screen {
  const isTerminal = stream.isTTY === true;
  return {
    isTerminal,
    isColoured: wantsColour(env, isTerminal),
    get width() {
      const demanded = Number(env.COLUMNS);
      if (Number.isSafeInteger(demanded) && demanded > 0) return demanded;
      return isTerminal ? stream.columns || UNKNOWN_COLUMNS : Number.POSITIVE_INFINITY;
    },
    get height() {
      return isTerminal ? stream.rows || UNKNOWN_ROWS : Number.POSITIVE_INFINITY;
    },
  };
}

/** For `--no-color`, which was typed for this one call and so beats the environment. A copy would freeze the sizes. */
export function withoutColour(screen: Screen): Screen {
  return Object.create(screen, { isColoured: { value: false } });
}

/** no-color.org and force-color.org; the demand beats the refusal. */
export function wantsColour(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return env.FORCE_COLOR !== '0';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return isTerminal && env.TERM !== 'dumb';
}
