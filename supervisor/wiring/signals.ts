/** Signals are taken before anything can be seen from outside: one that its own default ended would leave sockets and groups
 *  behind. What comes before there is somebody to tell is kept until then. */
export type EndSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP';

export interface Signals {
  /** What asked for the end before anybody was told. */
  endAsked(): EndSignal | undefined;
  /** @param end is told of each, the kept one at once. */
  tell(end: (signal: EndSignal) => void, reload: () => void): void;
}

/** @param on `process.on`. @param hasTerminal its SIGHUP means that it has gone; any other asks for a reload. */
export function takeSignals(on: (signal: EndSignal, listener: () => void) => void, hasTerminal: boolean): Signals {
  let kept: EndSignal | undefined;
  let isReloadKept = false;
  let end = (signal: EndSignal): void => {
    kept ??= signal;
  };
  let reload = (): void => {
    isReloadKept = true;
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) on(signal, () => end(signal));
  on('SIGHUP', () => (hasTerminal ? end('SIGHUP') : reload()));
  return {
    endAsked: () => kept,
    tell(tellEnd, tellReload) {
      end = tellEnd;
      reload = tellReload;
      if (kept !== undefined) end(kept);
      else if (isReloadKept) reload();
    },
  };
}
