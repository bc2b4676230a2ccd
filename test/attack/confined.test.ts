/** Nobody confined more than the daemon and no other uid is served; a confined client runs its hook itself, inside its own
 *  confinement. Else the socket would be the way out of every sandbox. */
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FrameKind, Refusal } from '../../supervisor/contract/wire.js';
import { TestDaemon } from '../lib/daemon.js';
import { runHook } from '../lib/hook.js';
import { findPython } from '../lib/python.js';
import { onlyRoot } from '../lib/skip.js';
import { call, frame, peer } from './peer.js';

const NOBODY = 65534;
const otherUser = onlyRoot('can call as somebody else');
const confined = (...ways: string[]) => [
  findPython().executable,
  '-I',
  join(import.meta.dirname, 'confine.py'),
  ...ways,
  '--',
];

let daemon: TestDaemon;
beforeAll(async () => {
  daemon = TestDaemon.start();
  await runHook(daemon.home, ['true']);
});
afterEach(async () => {
  expect(await runHook(daemon.home, ['echo', 'free'])).toMatchObject({ stdout: 'free\n', explained: { path: 'exec' } });
});
afterAll(async () => {
  expect(await daemon.stop(), 'left behind').toEqual([]);
});

it('confine.py alone changes nothing: the client is served', async () => {
  const answer = await runHook(daemon.home, ['echo', 'served'], { through: confined() });
  expect(answer).toMatchObject({ stdout: 'served\n', explained: { path: 'exec' } });
});

describe.each([
  { way: 'no_new_privs', why: 'no_new_privs', needsRoot: false },
  { way: 'any_filter', why: 'seccomp', needsRoot: true },
  { way: 'fewer_capabilities', why: 'capabilities', needsRoot: true },
  { way: 'mount_namespace', why: 'mount namespace', needsRoot: true },
  { way: 'pid_namespace', why: '', needsRoot: true },
])('$way', ({ way, why, needsRoot }) => {
  const possible = needsRoot ? onlyRoot('can be confined in this way and no other') : {};
  it('refused: the client runs the hook itself, still confined', possible, async () => {
    const readOwn = ['/bin/sh', '-c', 'cat /proc/self/status; readlink /proc/self/ns/mnt /proc/self/ns/pid'];
    const [inside, outside] = await Promise.all([
      runHook(daemon.home, readOwn, { through: confined(way) }),
      runHook(daemon.home, readOwn),
    ]);
    expect(outside.explained?.path).toBe('exec');
    expect(inside).toMatchObject({ code: 0, stderr: '', explained: { path: 'direct', outcome: 'answered' } });
    expect(inside.explained?.why).toContain('confined peer');
    expect(inside.explained?.why).toContain(why);
    expect(confinementIn(inside.stdout)).not.toEqual(confinementIn(outside.stdout));
  });

  it('with --on-unavailable=block: not run at all, exit 2', possible, async () => {
    const file = join(daemon.home.root, `ran-${way}`);
    const options = ['--on-unavailable', 'block'];
    const answer = await runHook(daemon.home, ['touch', file], { through: confined(way), options });
    expect(answer).toMatchObject({ code: 2, stdout: '' });
    expect(existsSync(file)).toBe(false);
  });

  it('control.sock refuses it too', possible, () => {
    const [program = '', ...args] = [...confined(way), findPython().executable, '-I', '-c', ASK_STOP];
    const answer = daemon.home.execute(program, [...args, join(daemon.home.runtimeFolder, 'control.sock')]);
    expect(JSON.parse(answer.stdout), answer.stderr).toMatchObject({ ok: false, error: { code: 'notAllowed' } });
  });
});

/** What of /proc/self/status tells one confinement from another, and the namespaces. */
function confinementIn(text: string): string[] {
  return text.split('\n').filter((line) => /^(NoNewPrivs|Seccomp|CapEff|mnt:|pid:)/.test(line));
}

const ASK_STOP = `
import socket, struct, sys
peer = socket.socket(socket.AF_UNIX)
peer.settimeout(10)
peer.connect(sys.argv[1])
text = b'{"verb": "stop"}'
try:
    peer.sendall(struct.pack('<IHHQ', len(text), 1, 32, 0) + text)
except BrokenPipeError:
    pass
reply = peer.makefile('rb')
length = struct.unpack('<IHHQ', reply.read(16))[0]
print(reply.read(length).decode())
`;

it('a client under Landlock cannot write through the daemon what it may not write itself', async () => {
  const file = join(daemon.home.root, 'written');
  const [program = '', ...args] = [...confined('landlock'), join(import.meta.dirname, '../../bin/supervisor-hook')];
  const write = ['run', '--', '/bin/sh', '-c', 'echo out > "$1"', 'sh', file];
  const answer = daemon.home.execute(program, [...args, ...write]);
  expect(answer.status, answer.stderr).toBe(2); // the shell's own status for a redirection that fails
  expect(existsSync(file)).toBe(false);
  expect(await runHook(daemon.home, write.slice(2))).toMatchObject({ code: 0, explained: { path: 'exec' } });
  expect(existsSync(file)).toBe(true);
});

it('another uid is refused before its call is read, though folder and socket let it in', otherUser, async () => {
  const { root, runtimeFolder, callSocket } = daemon.home;
  const file = join(root, 'by-nobody');
  for (const path of [root, runtimeFolder]) chmodSync(path, 0o711);
  chmodSync(callSocket, 0o666);
  try {
    const bytes = frame(FrameKind.CALL, call(['/bin/touch', file]));
    const heard = await peer(callSocket, ['uid', NOBODY], ['fds', 1, bytes], ['send', frame(FrameKind.STDIN_END)]);
    expect(heard.frames.map(({ kind }) => kind)).toEqual([FrameKind.REFUSED]);
    expect(heard.frames[0]?.payload.readUInt32LE(0)).toBe(Refusal.FOREIGN_UID);
    expect(existsSync(file)).toBe(false);
  } finally {
    chmodSync(runtimeFolder, 0o700);
    chmodSync(root, 0o700);
  }
});
