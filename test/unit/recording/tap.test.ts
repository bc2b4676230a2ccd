import { beforeEach, expect, test } from 'vitest';
import { HttpCaller, type HttpEnd } from '../../../supervisor/http/caller.js';
import type { Caller, CallerEvents } from '../../../supervisor/intake/intake.js';
import type { HeardCall } from '../../../supervisor/recording/heard-call.js';
import { type TapEnds, tapped } from '../../../supervisor/recording/tap.js';
import { callOf, END, EXPLANATION } from './heard.js';

let passed: string[];
let events: CallerEvents;
let heard: HeardCall[];
let log: string[];
let heldBytes: number;
let roomBytes: number;
let isStarted: boolean;

const caller: Caller = {
  setEvents(given) {
    events = given;
  },
  started: () => isStarted,
  stdout: (bytes) => passed.push(`out ${bytes}`) > 99,
  stderr: (bytes) => passed.push(`err ${bytes}`) < 99,
  end: (end) => void passed.push(`end ${end.exitCode}`),
  refuse: (code) => void passed.push(`refused ${code}`),
  pauseStdin: () => {},
  resumeStdin: () => {},
  attempt: (step) => step(),
};
const ends: TapEnds = {
  hold(bytes) {
    if (heldBytes + bytes > roomBytes) return false;
    heldBytes += bytes;
    return true;
  },
  heard(call) {
    heard.push(call);
    log.push(`after ${passed.at(-1)}`);
  },
  unseen(bytes) {
    heldBytes -= bytes;
    log.push('unseen');
  },
  lost(bytes) {
    heldBytes -= bytes;
    log.push('lost');
  },
  wallMs: () => 7,
};
const nobody = { stdinEnd() {}, cancel() {}, readerGone() {}, gone() {}, drained() {} };
const text = (call: HeardCall | undefined) =>
  call && [call.stdin, call.stdout, call.stderr].map(({ bytes }) => Buffer.from(bytes).toString());

beforeEach(() => {
  passed = [];
  heard = [];
  log = [];
  heldBytes = 0;
  roomBytes = 100_000;
  isStarted = true;
});

test('every byte goes on as it came, and is heard in its stream; the end is told after the answer', () => {
  const tap = tapped(callOf({ stdin: Buffer.from('a') }), caller, ends);
  const got: string[] = [];
  tap.setEvents({ ...nobody, stdin: (bytes) => void got.push(`${bytes}`) });
  events.stdin(Buffer.from('b'));
  expect(tap.started()).toBe(true);
  expect([tap.stdout(Buffer.from('c')), tap.stderr(Buffer.from('d')), tap.stdout(Buffer.from('e'))]).toEqual([
    ...[false, true, false],
  ]);
  tap.end(END, EXPLANATION);
  expect(got).toEqual(['b']);
  expect(passed).toEqual(['out c', 'err d', 'out e', 'end 3']);
  expect(text(heard[0])).toEqual(['ab', 'ce', 'd']);
  expect(heard[0]).toMatchObject({ heldBytes, exitCode: 3, ms: 2.5, atMs: 7 });
  expect(log).toEqual(['after end 3']);
});

test('a caller with its steps in a class, as those by HTTP are, is whole behind it', () => {
  const ended: HttpEnd[] = [];
  const tap = tapped(callOf(), new HttpCaller((end) => ended.push(end), log.push.bind(log)), ends);
  tap.pauseStdin();
  tap.resumeStdin();
  tap.attempt(() => {
    throw new Error('a mistake');
  });
  expect(log).toEqual([expect.stringContaining('a mistake')]);
  expect(ended).toEqual([{ kind: 'failed', what: 'the supervisor could not take this call' }]);
});

test('bytes are copied: their memory is used again', () => {
  const tap = tapped(callOf(), caller, ends);
  const bytes = Buffer.from('abc');
  tap.stdout(bytes);
  bytes.fill(0);
  tap.end(END, EXPLANATION);
  expect(text(heard[0])).toEqual(['', 'abc', '']);
});

test('without room for more the call is lost, its room is given back, and its bytes go on', () => {
  roomBytes = 2_000;
  const tap = tapped(callOf(), caller, ends);
  tap.stdout(Buffer.alloc(5_000));
  expect([log, heldBytes]).toEqual([['lost'], 0]);
  tap.stdout(Buffer.from('x'));
  tap.end(END, EXPLANATION);
  expect(passed.slice(1)).toEqual(['out x', 'end 3']);
  expect([log, heard]).toEqual([['lost'], []]);
});

test('a call that is refused, or whose client has given up, is not seen', () => {
  tapped(callOf(), caller, ends).refuse(4, 'no');
  isStarted = false;
  expect(tapped(callOf(), caller, ends).started()).toBe(false);
  expect([log, heldBytes, passed]).toEqual([['unseen', 'unseen'], 0, ['refused 4']]);
});

test('what goes wrong in listening ends it, not the call', () => {
  const failing: TapEnds = {
    ...ends,
    hold: () => {
      throw new Error('a mistake');
    },
  };
  const tap = tapped(callOf(), caller, failing);
  expect(tap.stdout(Buffer.from('c'))).toBe(false);
  tap.end(END, EXPLANATION);
  expect(passed).toEqual(['out c', 'end 3']);
  expect(log).toEqual(['lost']);
});
