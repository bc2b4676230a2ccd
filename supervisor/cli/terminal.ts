/** The terminal as a full-screen command has it: its second screen, no cursor, each key at once. All of it is given back on
 *  every exit that a process can see. */
import type { EventEmitter } from 'node:events';

export interface TerminalStreams {
  input: {
    isTTY?: boolean;
    setRawMode?(isRaw: boolean): unknown;
    on(event: 'data', listener: (bytes: Buffer) => void): unknown;
    resume(): unknown;
    pause(): unknown;
  };
  write(text: string): void;
  process: EventEmitter & { exit(code: number): void };
}

export interface Terminal {
  restore(): void;
}

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const CTRL_C = '\x03';

/** Those that end a process without a word, with their numbers. */
const ENDING_SIGNALS = { SIGTERM: 15, SIGHUP: 1, SIGQUIT: 3 } as const;

/** @param onKey one character; Ctrl-C, too, which the terminal does not turn into a signal meanwhile. */
export function openTerminal(
  streams: TerminalStreams,
  onKey: (key: string) => void,
  onInterrupt: () => void,
): Terminal {
  const { input, write, process } = streams;
  const hasKeys = input.isTTY === true;
  let isOpen = true;
  const restore = () => {
    if (!isOpen) return;
    isOpen = false;
    if (hasKeys) {
      input.setRawMode?.(false);
      input.pause();
    }
    write(LEAVE);
  };
  // Also after an uncaught error.
  process.once('exit', restore);
  for (const [signal, number] of Object.entries(ENDING_SIGNALS)) {
    process.once(signal, () => {
      restore();
      process.exit(128 + number);
    });
  }
  write(ENTER);
  if (hasKeys) {
    input.setRawMode?.(true);
    input.on('data', (bytes) => {
      for (const key of bytes.toString('latin1')) {
        if (key === CTRL_C) onInterrupt();
        else onKey(key);
      }
    });
    input.resume();
  }
  return { restore };
}
