/** Bad bytes on both sockets: the peer is closed, its descriptors with it, and everybody else is served as before. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../supervisor/contract/limits.js';
import { FRAME_CONTROL_MAX_BYTES, FrameKind } from '../../supervisor/contract/wire.js';
import { TestDaemon } from '../lib/daemon.js';
import { counted, runHook, starts } from '../lib/hook.js';
import { identify } from '../lib/processes.js';
import { onlyRoot } from '../lib/skip.js';
import { waitFor } from '../lib/wait.js';
import { call, frame, peer, type Step } from './peer.js';

const FRAME_CALL_MAX_BYTES = 8 * 1024 * 1024; // as in wire.h
const GOOD_CALL = call(['/bin/echo', 'good']);

let daemon: TestDaemon;
beforeAll(async () => {
  daemon = TestDaemon.start();
  await runHook(daemon.home, ['true']);
});
afterEach(async () => {
  expect(await runHook(daemon.home, ['echo', 'next'])).toMatchObject({ stdout: 'next\n', explained: { path: 'exec' } });
});
afterAll(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

const callSocket = () => daemon.home.callSocket;
const controlSocket = () => join(daemon.home.runtimeFolder, 'control.sock');

async function openDescriptors(): Promise<number> {
  return readdirSync(`/proc/${(await daemon.status()).pid}/fd`).length;
}

function with32(payload: Buffer, offset: number, value: number): Buffer {
  const changed = Buffer.from(payload);
  changed.writeUInt32LE(value, offset);
  return changed;
}

it('a good call by the same peer is answered: what fails below fails for its bytes', async () => {
  const heard = await peer(
    callSocket(),
    ['fds', 1, frame(FrameKind.CALL, GOOD_CALL)],
    ['send', frame(FrameKind.STDIN_END)],
  );
  expect(heard.frames.map(({ kind }) => kind)).toEqual([FrameKind.STARTED, FrameKind.STDOUT, FrameKind.END]);
  expect(heard.frames[1]?.payload.toString()).toBe('good\n');
});

const GARBAGE: Record<string, Step[]> = {
  'four kilobytes of noise': [
    ['send', Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 197 + 13) % 251)).toString('hex')],
  ],
  zeros: [['send', '00'.repeat(64)]],
  'another version': [['fds', 1, frame(FrameKind.CALL, GOOD_CALL, { version: 2 })]],
  'an unknown kind': [['send', frame(999)]],
  'a kind that only the daemon sends': [['send', frame(FrameKind.END, Buffer.alloc(24))]],
  'stdin before the call': [['send', frame(FrameKind.STDIN, Buffer.from('x'))]],
  'a length beyond its bound': [['send', frame(FrameKind.CALL, GOOD_CALL, { lengthBytes: FRAME_CALL_MAX_BYTES + 1 })]],
  'the largest length there is': [['send', frame(FrameKind.CALL, GOOD_CALL, { lengthBytes: 0xffff_ffff })]],
  'half a header and no more': [['send', '0001'], ['end']],
  'half a call and no more': [['fds', 1, frame(FrameKind.CALL, GOOD_CALL).slice(0, 200)], ['end']],
  'a call without its folder': [['send', frame(FrameKind.CALL, GOOD_CALL)]],
  'a call with three descriptors': [['fds', 3, frame(FrameKind.CALL, GOOD_CALL)]],
  'a call shorter than its head': [['fds', 1, frame(FrameKind.CALL, GOOD_CALL.subarray(0, 300))]],
  'more arguments than bytes': [['fds', 1, frame(FrameKind.CALL, with32(GOOD_CALL, 12, 1000))]],
  'no argument at all': [['fds', 1, frame(FrameKind.CALL, with32(GOOD_CALL, 12, 0))]],
  'blobs longer than the frame': [['fds', 1, frame(FrameKind.CALL, with32(GOOD_CALL, 16, 0x7fff_ffff))]],
  'blobs whose sum overflows': [
    ['fds', 1, frame(FrameKind.CALL, with32(with32(GOOD_CALL, 16, 0xffff_fff0), 24, 0x20))],
  ],
  'arguments without an end': [
    ['fds', 1, frame(FrameKind.CALL, Buffer.from(GOOD_CALL).fill(0x41, GOOD_CALL.length - 1))],
  ],
};

describe('call.sock', () => {
  it.each(Object.entries(GARBAGE))('%s: closed at once, without STARTED', async (_name, steps) => {
    const heard = await peer(callSocket(), ...steps);
    expect(heard.closed).toBe(true);
    expect(heard.ms).toBeLessThan(LIMITS.callReceiveTimeoutMs - 1_000);
    expect(heard.frames.map(({ kind }) => kind).filter((kind) => kind !== FrameKind.REFUSED)).toEqual([]);
  });

  const hidden = onlyRoot('may look into the daemon, which hides its descriptors from its own user');
  it('none of them leaves a descriptor open in the daemon', hidden, async () => {
    // The records are opened a moment after the first call, and keep descriptors.
    const isOpen = async () => ((await daemon.status()).records.state === 'opening' ? undefined : true);
    await waitFor('the records to be open', isOpen);
    const before = await openDescriptors();
    for (const steps of Object.values(GARBAGE)) await peer(callSocket(), ...steps);
    await waitFor('all to be closed', async () => ((await openDescriptors()) <= before ? true : undefined));
  });

  it('a level that this version does not know: refused, never loosened', async () => {
    const heard = await peer(callSocket(), ['fds', 1, frame(FrameKind.CALL, with32(GOOD_CALL, 4, 7))]);
    expect(heard.frames.map(({ kind }) => kind)).toEqual([FrameKind.REFUSED]);
  });

  it('slow and silent peers are closed after five seconds, others are served meanwhile', async () => {
    const whole = frame(FrameKind.CALL, GOOD_CALL);
    const slow = [
      peer(callSocket()),
      peer(callSocket(), ['send', whole.slice(0, 32)]),
      peer(callSocket(), ['drip', whole.slice(0, 40), 300]),
      peer(callSocket(), ['fds', 1, whole.slice(0, 400)]),
    ];
    expect(await runHook(daemon.home, ['echo', 'meanwhile'])).toMatchObject({ stdout: 'meanwhile\n' });
    for (const { closed, frames, ms } of await Promise.all(slow)) {
      expect({ closed, frames }).toEqual({ closed: true, frames: [] });
      expect(ms).toBeGreaterThan(LIMITS.callReceiveTimeoutMs / 2);
      expect(ms).toBeLessThan(LIMITS.callReceiveTimeoutMs + 3_000);
    }
  });

  it('a frame that has no place in a call: closed, and the running hook is ended', async () => {
    const file = join(daemon.home.root, 'starts');
    const argv = counted(file, 'sleep 60');
    const asking = peer(
      callSocket(),
      ['fds', 1, frame(FrameKind.CALL, call(argv))],
      ['drip', '', 0],
      ['send', frame(FrameKind.STDIN, Buffer.from('x'))],
      ['send', frame(FrameKind.CALL, GOOD_CALL)],
    );
    expect((await asking).closed).toBe(true);
    await waitFor('no call to be active', async () => ((await daemon.status()).calls.active === 0 ? true : undefined));
    expect(starts(file).filter((pid) => identify(pid) !== undefined)).toEqual([]);
  });

  it('more connections than the bound: the rest is closed, and calls are answered afterwards', async () => {
    const { connect } = await import('node:net');
    const sockets = Array.from({ length: LIMITS.connectionsMax + 20 }, () => connect(callSocket()));
    let closed = 0;
    for (const socket of sockets) {
      socket.on('error', () => {});
      socket.on('close', () => {
        closed++;
      });
    }
    await waitFor('the surplus to be closed', () => (closed >= 20 ? true : undefined), 4_000);
    expect(closed).toBeLessThanOrEqual(21);
    for (const socket of sockets) socket.destroy();
    await waitFor('room', async () => {
      const { explained } = await runHook(daemon.home, ['true']);
      return explained?.path === 'exec' ? true : undefined;
    });
  });
});

describe('control.sock', () => {
  const request = (text: string) => frame(FrameKind.CONTROL_REQUEST, Buffer.from(text));
  const replyOf = (heard: Awaited<ReturnType<typeof peer>>) => JSON.parse(heard.frames[0]?.payload.toString() ?? '{}');

  it.each(
    Object.entries({
      'no JSON': request('nonsense'),
      'no object': request('[]'),
      'no verb': request('{}'),
      'an unknown verb': request('{"verb": "explode"}'),
      'a verb that every object has': request('{"verb": "constructor"}'),
    }),
  )('%s: an error with a remedy', async (_name, bytes) => {
    const reply = replyOf(await peer(controlSocket(), ['send', bytes], ['end']));
    expect(reply).toMatchObject({ ok: false, error: { message: expect.any(String), remedy: expect.any(String) } });
  });

  it.each(
    Object.entries({
      noise: 'ab'.repeat(500),
      'a call': frame(FrameKind.CALL, GOOD_CALL),
      'a length beyond its bound': frame(FrameKind.CONTROL_REQUEST, Buffer.alloc(1), {
        lengthBytes: FRAME_CONTROL_MAX_BYTES + 1,
      }),
    }),
  )('%s: closed', async (_name, bytes) => {
    const heard = await peer(controlSocket(), ['send', bytes]);
    expect(heard.closed).toBe(true);
    for (const { payload } of heard.frames) expect(JSON.parse(payload.toString()).ok).toBe(false);
  });

  it('a silent peer is closed in the end', async () => {
    expect(await peer(controlSocket(), ['send', frame(FrameKind.CONTROL_REQUEST).slice(0, 10)])).toMatchObject({
      closed: true,
      frames: [],
    });
  });
});
