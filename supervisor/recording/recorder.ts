/** Whether the daemon records, and what it says of it. While it does not, a call is passed on as it came. */
import type { Call } from '../contract/call.js';
import type { Clock } from '../contract/clock.js';
import type { Tell } from '../contract/happening.js';
import { LIMITS } from '../contract/limits.js';
import type { RecordingStatus } from '../contract/recording.js';
import type { Caller } from '../intake/intake.js';
import type { OpenedFile } from './folder.js';
import { Recording, type RecordingBounds } from './recording.js';
import { tapped } from './tap.js';
import type { RecordingThread } from './thread.js';

export interface RecorderRooms {
  clock: Clock;
  /** Since 1970. */
  wallMs(): number;
  version: string;
  openFile(wallMs: number): OpenedFile;
  closeFile(fd: number): void;
  startThread(): RecordingThread;
  tell: Tell;
  /** What the switchboard answers nobody hears: it is to forget what it knows. */
  forgetRoutes(): void;
}

export type BeginResult = { ok: true } | { ok: false; code: 'busy' | 'impossible'; message: string; remedy: string };

const NONE: RecordingStatus = {
  ...{ isOn: false, file: '', endsInMs: null, ended: null, reason: '' },
  ...{ written: 0, dropped: 0, unseen: 0, bytes: 0, maxBytes: 0 },
};

export class Recorder {
  private last: Recording | undefined;

  constructor(private readonly rooms: RecorderRooms) {}

  get isOn(): boolean {
    return this.last?.isOn === true;
  }

  status(): RecordingStatus {
    return this.last?.status() ?? NONE;
  }

  begin(bounds: RecordingBounds): BeginResult {
    if (this.isOn) {
      const message = `a recording is on: ${this.status().file}`;
      return { ok: false, code: 'busy', message, remedy: 'end it first: supervisor record off' };
    }
    const { rooms } = this;
    const opened = rooms.openFile(rooms.wallMs());
    if (!opened.ok) {
      return {
        ok: false,
        code: 'impossible',
        message: `no recording: ${opened.why}`,
        remedy: 'look at the state folder',
      };
    }
    const { file, fd } = opened;
    this.last = new Recording(
      {
        ...rooms,
        ...{ file, fd, thread: rooms.startThread() },
        tellDropped: (dropped) =>
          rooms.tell({ kind: 'recordingDropped', about: 'no room for calls in the recording', inputs: { dropped } }),
        over: (status) => this.tellEnd(status),
      },
      bounds,
    );
    rooms.forgetRoutes();
    rooms.tell({ kind: 'recordingBegun', about: `calls are recorded in ${file}`, inputs: { ...bounds } });
    return { ok: true };
  }

  tap(call: Call, caller: Caller): Caller {
    const { last } = this;
    if (last?.isOn !== true) return caller;
    last.begun();
    return tapped(call, caller, last);
  }

  /** Settled when what was heard is written, or it takes too long. */
  async end(why: 'asked' | 'stopping'): Promise<void> {
    const { last } = this;
    if (last === undefined) return;
    last.end(why);
    const isTooLate = new Promise<void>((done) => void this.rooms.clock.after(LIMITS.recordingCloseBudgetMs, done));
    await Promise.race([last.closed, isTooLate]);
  }

  private tellEnd({ ended, reason, written, dropped, unseen, bytes, file }: RecordingStatus): void {
    const about = `the recording ${file} is over${reason === '' ? '' : `: ${reason}`}`;
    this.rooms.tell({ kind: 'recordingEnded', about, inputs: { ended, written, dropped, unseen, bytes } });
  }
}
