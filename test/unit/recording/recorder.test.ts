import {
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Happening } from '../../../supervisor/contract/happening.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { Caller } from '../../../supervisor/intake/intake.js';
import { closeRecording, openRecording } from '../../../supervisor/recording/folder.js';
import { Recorder } from '../../../supervisor/recording/recorder.js';
import write, { type WriteReply, type WriteRequest } from '../../../supervisor/recording/writer.js';
import { FakeClock } from '../../lib/fake-clock.js';
import { callOf, END, EXPLANATION, heardOf } from './heard.js';

const BOUNDS = { forMs: 60_000, maxBytes: 1_000_000 };
const OPENED = { ok: true, file: '/r/a.jsonl', fd: 9 } as const;

let clock: FakeClock;
let told: Happening[];
let log: string[];
let requests: WriteRequest[];
let answer: (reply: WriteReply) => void;
let recorder: Recorder;

const caller = { started: () => true, stdout: () => true, end() {}, refuse() {} } as unknown as Caller;
const aCall = (stdout = '') => {
  const tap = recorder.tap(callOf(), caller);
  tap.stdout(Buffer.from(stdout));
  return tap;
};
const settled = async () => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};
const written = async (reply: Partial<WriteReply> = {}) => {
  const { calls } = requests.at(-1) ?? { calls: [] };
  answer({ ok: true, written: calls.length, bytes: 100, isFull: false, ...reply } as WriteReply);
  await settled();
};
const kinds = () => told.map(({ kind }) => kind);

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  log = [];
  requests = [];
  recorder = new Recorder({
    ...{ clock, wallMs: () => 1000, version: '1', openFile: () => OPENED },
    closeFile: (fd) => void log.push(`close ${fd}`),
    startThread: () => ({
      write(request) {
        requests.push(request);
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
      close: async () => void log.push('thread over'),
    }),
    tell: (happening) => void told.push(happening),
    forgetRoutes: () => void log.push('forget'),
  });
});

describe('off', () => {
  test('the caller is handed on as it is', () => {
    expect(recorder.tap(callOf(), caller)).toBe(caller);
    expect(recorder.status()).toMatchObject({ isOn: false, file: '', ended: null });
  });
});

describe('on', () => {
  test('what the switchboard knows is forgotten, the head is written, and calls after it, while the next wait', async () => {
    expect(recorder.begin(BOUNDS)).toEqual({ ok: true });
    expect(log).toEqual(['forget']);
    expect(requests[0]).toMatchObject({ head: { startedAtMs: 1000, version: '1' }, calls: [] });
    for (let n = 0; n < 3; n++) aCall().end(END, EXPLANATION);
    expect(requests).toHaveLength(1);
    await written();
    expect(requests[1]?.head).toBeUndefined();
    expect(requests[1]?.calls).toHaveLength(3);
    await written();
    expect(recorder.status()).toMatchObject({ isOn: true, written: 3, dropped: 0, bytes: 200, endsInMs: 60_000 });
  });

  test('a second one is refused, and the first goes on', () => {
    recorder.begin(BOUNDS);
    expect(recorder.begin(BOUNDS)).toMatchObject({ ok: false, code: 'busy' });
    expect(recorder.isOn).toBe(true);
  });

  test('calls that find no room are dropped, counted, and told once a minute', async () => {
    recorder.begin({ ...BOUNDS, forMs: 10 * LIMITS.recordingDropsToldEveryMs });
    const most = LIMITS.recordingOutputMaxBytes;
    const calls = Math.ceil(LIMITS.recordingHeldMaxBytes / most) + 2;
    for (let n = 0; n < calls; n++) aCall('x'.repeat(most)).end(END, EXPLANATION);
    const { dropped } = recorder.status();
    expect(dropped).toBeGreaterThanOrEqual(2);
    expect(told.filter(({ kind }) => kind === 'recordingDropped')).toMatchObject([{ inputs: { dropped: 1 } }]);
    clock.pass(LIMITS.recordingDropsToldEveryMs);
    aCall('x'.repeat(most));
    expect(told.at(-1)).toMatchObject({ kind: 'recordingDropped', inputs: { dropped } });
    await written(); // the head
    await written(); // the first 32 calls: their room is there again
    const before = recorder.status().dropped;
    aCall('x'.repeat(most)).end(END, EXPLANATION);
    expect(recorder.status().dropped).toBe(before);
  });

  test('calls that are left to the client are counted as not seen', () => {
    recorder.begin(BOUNDS);
    aCall().refuse(1, 'no');
    expect(recorder.status()).toMatchObject({ unseen: 1, dropped: 0 });
  });
});

describe('the end', () => {
  test('off: what was heard is written before the file is closed, what runs is dropped, later calls are not heard', async () => {
    recorder.begin(BOUNDS);
    aCall().end(END, EXPLANATION);
    const running = aCall();
    void recorder.end('asked');
    running.end(END, EXPLANATION);
    expect(recorder.tap(callOf(), caller)).toBe(caller);
    await written();
    expect(log).toEqual(['forget']);
    await written();
    expect(log).toEqual(['forget', 'thread over', 'close 9']);
    expect(recorder.status()).toMatchObject({ isOn: false, ended: 'asked', written: 1, dropped: 1 });
    expect(told.at(-1)).toMatchObject({ kind: 'recordingEnded', inputs: { ended: 'asked', written: 1, dropped: 1 } });
  });

  test('by its time', async () => {
    recorder.begin(BOUNDS);
    clock.pass(BOUNDS.forMs - 1);
    expect(recorder.isOn).toBe(true);
    clock.pass(1);
    expect(recorder.status()).toMatchObject({ isOn: false, ended: 'time', endsInMs: null });
  });

  test.each([
    [{ isFull: true, written: 0 }, 'size', ''],
    [{ ok: false, written: 0, why: 'ENOSPC' }, 'failed', 'ENOSPC'],
  ] as const)('by what its writer says: %j', async (reply, ended, reason) => {
    recorder.begin(BOUNDS);
    await written();
    aCall().end(END, EXPLANATION);
    aCall().end(END, EXPLANATION);
    await written(reply);
    expect(recorder.status()).toMatchObject({ isOn: false, ended, reason, written: 0, dropped: 2 });
    expect(kinds()).toEqual(['recordingBegun', 'recordingEnded']);
    expect(log).toContain('close 9');
  });

  test('with the daemon: it is waited for, but not for long', async () => {
    recorder.begin(BOUNDS);
    let isOver = false;
    void recorder.end('stopping').then(() => {
      isOver = true;
    });
    await settled();
    expect(isOver).toBe(false);
    clock.pass(LIMITS.recordingCloseBudgetMs);
    await settled();
    expect(isOver).toBe(true);
  });
});

describe('its file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hs-recording-'));
  const lies = join(folder, 'recordings');

  test('is for its owner alone, has head and calls, and stays within its bound', () => {
    const opened = openRecording(folder, 0);
    if (!opened.ok) throw new Error(opened.why);
    expect(statSync(opened.file).mode & 0o777).toBe(0o600);
    expect(statSync(lies).mode & 0o777).toBe(0o700);
    const { fd } = opened;
    const reply = write({ fd, head: { startedAtMs: 5, version: '1' }, calls: [heardOf(), heardOf()], roomBytes: 700 });
    closeRecording(fd);
    expect(reply).toMatchObject({ ok: true, written: 1, isFull: true });
    const text = readFileSync(opened.file, 'utf8');
    expect(text.length).toBe(reply.bytes);
    expect(reply.bytes).toBeLessThanOrEqual(700);
    expect(text.split('\n').map((line) => line && JSON.parse(line))).toMatchObject([
      { schema: 'supervisor.recording/v1', startedAtMs: 5 },
      { outcome: 'answered' },
      '',
    ]);
  });

  test('on a full disk: what could not be written is told, and why', () => {
    const fd = openSync('/dev/full', 'w');
    const reply = write({ fd, head: undefined, calls: [heardOf()], roomBytes: 10_000 });
    closeRecording(fd);
    expect(reply).toMatchObject({ ok: false, written: 0, why: expect.stringContaining('ENOSPC') });
  });

  test('is never one that is there, nor in a folder that is open to others or a link', () => {
    expect(openRecording(folder, 0)).toMatchObject({ ok: false, why: expect.stringContaining('EEXIST') });
    const elsewhere = mkdtempSync(join(tmpdir(), 'hs-recording-'));
    symlinkSync(lies, join(elsewhere, 'recordings'));
    expect(openRecording(elsewhere, 1)).toMatchObject({ ok: false, why: expect.stringContaining('0700') });
    rmSync(elsewhere, { recursive: true });
  });

  test('of ours the oldest go when there are too many, and nothing else does', () => {
    writeFileSync(join(lies, 'mine.jsonl'), '');
    for (let n = 1; n <= LIMITS.recordingsKeptMax + 1; n++) {
      const opened = openRecording(folder, n * 1000);
      if (opened.ok) closeRecording(opened.fd);
    }
    const names = readdirSync(lies).sort();
    expect(names).toHaveLength(LIMITS.recordingsKeptMax + 1);
    expect(names).toContain('mine.jsonl');
    expect(names).not.toContain('1970-01-01T00-00-00.000Z.jsonl');
    rmSync(folder, { recursive: true });
  });

  test('that cannot be made: no recording', () => {
    const none = new Recorder({
      ...{ clock, wallMs: () => 1, version: '', openFile: () => ({ ok: false, why: 'EROFS' }) as const },
      ...{ closeFile() {}, startThread: () => expect.fail('no thread'), tell() {}, forgetRoutes() {} },
    });
    expect(none.begin(BOUNDS)).toMatchObject({ ok: false, code: 'impossible', message: 'no recording: EROFS' });
    expect(none.isOn).toBe(false);
  });
});
