import type { Call } from '../../../supervisor/contract/call.js';
import type { FileFacts } from '../../../supervisor/router/file-facts.js';

export function callOf(argv: readonly string[], env: readonly string[], cwd: string, shellText = false): Call {
  return {
    id: 1,
    raw: Buffer.alloc(0),
    argv,
    env,
    cwd,
    cwdFd: -1,
    isEvent: false,
    shellText,
    mergedOutput: false,
    explain: false,
    blocking: false,
    readersGone: 0,
    level: undefined,
    timeoutMs: 0,
    inherited: Buffer.alloc(272),
    stdin: Buffer.alloc(0),
    stdinComplete: true,
    receivedAtMs: 0,
    clientPid: 0,
  };
}

/** An executable of this machine's format. */
export function program(place: string, more: Partial<FileFacts> = {}): FileFacts {
  const base = { kind: 'file', executable: true, format: 'elf', scriptWords: [], text: '', realPath: place } as const;
  return { ...base, place, stamp: `stamp of ${place}`, ...more };
}

export const notExecutable = (place: string) => program(place, { executable: false, format: '', realPath: '' });
export const folder = (place: string) =>
  program(place, { kind: 'folder', executable: false, format: '', realPath: '' });
