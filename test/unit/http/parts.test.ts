import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordText } from '../../../supervisor/agents/http/record.js';
import type { HttpHook } from '../../../supervisor/contract/http.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { ClientEnd, Explanation } from '../../../supervisor/contract/outcome.js';
import { callOf } from '../../../supervisor/http/call.js';
import { HttpCaller, type HttpEnd } from '../../../supervisor/http/caller.js';
import { eventIn, projectFolder } from '../../../supervisor/http/event.js';
import { HttpHooks } from '../../../supervisor/http/hooks.js';
import { peerUid } from '../../../supervisor/http/peer-uid.js';
import { tokenIn } from '../../../supervisor/http/token.js';
import { Visitors } from '../../../supervisor/http/visitors.js';
import { loadNative } from '../../../supervisor/native.js';

const uid = process.geteuid?.() ?? 0;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hs-http-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('token', () => {
  const file = () => join(folder, 'http-token');

  test('made once, 256 bits, for its owner alone, and the same afterwards', () => {
    const first = tokenIn(file(), uid);
    const text = readFileSync(file(), 'latin1').trim();
    expect(Buffer.from(text, 'base64url')).toHaveLength(32);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    for (const token of [first, tokenIn(file(), uid)]) {
      expect(token.ok && token.isRightHeader(`Bearer ${text}`)).toBe(true);
      expect(token.ok && token.isRightHeader(`Bearer ${text}x`)).toBe(false);
      expect(token.ok && token.isRightHeader(text)).toBe(false);
      expect(token.ok && token.isRightHeader(undefined)).toBe(false);
    }
  });

  test('two folders never have the same', () => {
    mkdirSync(join(folder, 'b'));
    tokenIn(file(), uid);
    tokenIn(join(folder, 'b', 'http-token'), uid);
    expect(readFileSync(file(), 'latin1')).not.toBe(readFileSync(join(folder, 'b', 'http-token'), 'latin1'));
  });

  test('one that others can read is not believed', () => {
    tokenIn(file(), uid);
    chmodSync(file(), 0o640);
    expect(tokenIn(file(), uid)).toMatchObject({ ok: false, why: expect.stringContaining('open to others') });
  });

  test('one of another user, a link, and one that is no token are not believed', () => {
    tokenIn(file(), uid);
    expect(tokenIn(file(), uid + 1)).toMatchObject({ ok: false, why: expect.stringContaining('belongs to') });
    symlinkSync(file(), join(folder, 'link'));
    expect(tokenIn(join(folder, 'link'), uid)).toMatchObject({ ok: false, why: expect.stringContaining('ELOOP') });
    writeFileSync(join(folder, 'short'), 'short\n', { mode: 0o600 });
    expect(tokenIn(join(folder, 'short'), uid)).toMatchObject({ ok: false, why: expect.stringContaining('no token') });
  });
});

describe('whose connection it is', () => {
  const row = (local: string, remote: string, state: string, owner: number, inode: number) =>
    `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${owner}        0 ${inode} 1 0 20 4 30 10 -1`;
  const MINE = row('0100007F:9C40', '0100007F:20B9', '01', 1000, 77);
  const table = (...rows: string[]) => `  sl  local_address rem_address   st ...\n${rows.join('\n')}\n`;
  const uidIn = (v4: string, v6 = '') => peerUid(0x20b9, 0x9c40, (path) => (path.endsWith('6') ? v6 : v4));

  test('that of the other end, not of ours', () => {
    expect(uidIn(table(row('0100007F:20B9', '0100007F:9C40', '01', 0, 5), MINE))).toBe(1000);
  });

  test('one that its process has closed has no owner, though it is listed as root', () => {
    expect(uidIn(table(row('0100007F:9C40', '0100007F:20B9', '06', 0, 0)))).toBeUndefined();
    expect(uidIn(table(row('0100007F:9C40', '0100007F:20B9', '01', 0, 0)))).toBeUndefined();
    expect(uidIn(table(row('0100007F:9C40', '0100007F:20B9', '05', 0, 9)))).toBeUndefined();
  });

  test('a socket for IPv6 is found in the other table', () => {
    const mapped = '0000000000000000FFFF0000';
    expect(uidIn(table(), table(row(`${mapped}0100007F:9C40`, `${mapped}0100007F:20B9`, '01', 7, 9)))).toBe(7);
  });

  test('the kernel tells ours', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    const client = connect(port, '127.0.0.1');
    const accepted = await new Promise<Socket>((done) => server.once('connection', done));
    expect(peerUid(port, accepted.remotePort ?? 0)).toBe(uid);
    client.destroy();
    server.close();
  });
});

describe('visitors', () => {
  function socket(): Socket & { isGone: boolean } {
    const listeners: (() => void)[] = [];
    const fake = {
      isGone: false,
      once: (_event: string, listener: () => void) => void listeners.push(listener),
      destroy() {
        fake.isGone = true;
        for (const listener of listeners) listener();
      },
    };
    return fake as unknown as Socket & { isGone: boolean };
  }

  test('the oldest that is not known makes room', () => {
    const visitors = new Visitors(3);
    const [a, b, c, d] = [socket(), socket(), socket(), socket()];
    for (const one of [a, b, c]) visitors.add(one);
    visitors.know(a);
    visitors.add(d);
    expect([a, b, c, d].map(({ isGone }) => isGone)).toEqual([false, true, false, false]);
    expect([visitors.count, visitors.crowdedOut]).toEqual([3, 1]);
    expect([visitors.isKnown(a), visitors.isKnown(c)]).toEqual([true, false]);
  });

  test('where all are known the new one goes', () => {
    const visitors = new Visitors(1);
    const [a, b] = [socket(), socket()];
    visitors.add(a);
    visitors.know(a);
    visitors.add(b);
    expect([a.isGone, b.isGone, visitors.count]).toEqual([false, true, 1]);
  });
});

describe('event', () => {
  const event = (fields: unknown) => eventIn(Buffer.from(JSON.stringify(fields)));

  test('its name and folder', () => {
    expect(event({ hook_event_name: 'Stop', cwd: '/a b', x: 1 })).toEqual({ name: 'Stop', cwd: '/a b' });
  });

  test.each([null, [], 1, {}, { hook_event_name: 'Stop' }, { hook_event_name: 1, cwd: '/' }])(
    '%j is none',
    (fields) => {
      expect(event(fields)).toBeTypeOf('string');
    },
  );

  test('a folder that is relative or no path is refused', () => {
    expect(event({ hook_event_name: 'Stop', cwd: 'a' })).toBeTypeOf('string');
    expect(event({ hook_event_name: 'Stop', cwd: '/a\0b' })).toBeTypeOf('string');
    expect(eventIn(Buffer.from('{"cwd":'))).toBeTypeOf('string');
  });

  test('the project is the nearest folder above with a mark, and never the home', () => {
    const marked = new Set(['/h/.claude', '/h/p/.git', '/h/p/q/.claude']);
    const of = (cwd: string) => projectFolder(cwd, '/h', (path) => marked.has(path));
    expect([of('/h/p/x/y'), of('/h/p/q/r'), of('/h/other'), of('/srv'), of('/h')]).toEqual([
      '/h/p',
      '/h/p/q',
      '/h/other',
      '/srv',
      '/h',
    ]);
  });
});

describe('call', () => {
  const hook: HttpHook = {
    command: 'python3 "${CLAUDE_PROJECT_DIR}/é.py" $X',
    args: undefined,
    timeoutMs: 7,
    level: 'restricted',
    onFailure: 'block',
  };
  const around = () => ({
    id: 4,
    home: '/h',
    env: { PATH: '/bin', LC_ALL: 'C', HOME: '/h', ANTHROPIC_API_KEY: 'secret', NODE_OPTIONS: '-r /x' },
    inherited: Buffer.alloc(272),
    receivedAtMs: 1,
  });

  test('the hook, the folder of the event, and of the environment only what every program needs', () => {
    const call = callOf(hook, { name: 'Stop', cwd: folder }, Buffer.from('{}'), around());
    if (typeof call === 'string') throw new Error(call);
    loadNative().closeFd(call.cwdFd);
    expect(call.argv).toEqual(['/bin/sh', '-c', Buffer.from(`python3 "${folder}/é.py" $X`).toString('latin1')]);
    expect(call.env).toEqual(['PATH=/bin', 'LC_ALL=C', 'HOME=/h', `PWD=${folder}`, `CLAUDE_PROJECT_DIR=${folder}`]);
    expect(call).toMatchObject({
      shellText: true,
      timeoutMs: 7,
      level: 'restricted',
      stdinComplete: true,
      cwd: folder,
    });
    expect(call.raw).toHaveLength(0);
  });

  test('with args no shell', () => {
    const call = callOf(
      { ...hook, command: 'p', args: ['a b', '$X'] },
      { name: 'Stop', cwd: folder },
      Buffer.alloc(0),
      around(),
    );
    if (typeof call === 'string') throw new Error(call);
    loadNative().closeFd(call.cwdFd);
    expect([call.argv, call.shellText]).toEqual([['p', 'a b', '$X'], false]);
  });

  test('a folder that is none is told', () => {
    writeFileSync(join(folder, 'file'), '');
    for (const cwd of [join(folder, 'absent'), join(folder, 'file')]) {
      expect(callOf(hook, { name: 'Stop', cwd }, Buffer.alloc(0), around())).toContain('cwd');
    }
  });
});

describe('caller', () => {
  const explained = (outcome: Explanation['outcome']) => ({ outcome }) as Explanation;
  const end = (exitCode: number, signal = 0, message = ''): ClientEnd => ({ exitCode, signal, message });
  function made() {
    const ends: HttpEnd[] = [];
    const heard: string[] = [];
    const caller = new HttpCaller(
      (one) => ends.push(one),
      () => {},
    );
    caller.setEvents({
      stdin() {},
      stdinEnd() {},
      cancel() {},
      readerGone() {},
      drained() {},
      gone: () => heard.push('gone'),
    });
    return { caller, ends, heard };
  }

  test('what it keeps is a copy', () => {
    const { caller, ends } = made();
    const bytes = Buffer.from('ab');
    caller.stdout(bytes);
    caller.stderr(bytes);
    bytes.fill(0);
    caller.end(end(3), explained('answered'));
    const [stdout, stderr] = [Buffer.from('ab'), Buffer.from('ab')];
    expect(ends).toEqual([{ kind: 'ended', end: { exitCode: 3, stdout, stderr } }]);
  });

  test('a signal and whatever we did are failures', () => {
    const failures = [
      [end(0, 9), 'answered', 'the hook died of signal 9'],
      [end(2, 0, 'hook-supervisor: too slow\n'), 'timedOut', 'too slow'],
      [end(0, 15), 'cancelled', 'the hook was cancelled'],
    ] as const;
    for (const [one, outcome, what] of failures) {
      const { caller, ends } = made();
      caller.end(one, explained(outcome));
      expect(ends).toEqual([{ kind: 'failed', what }]);
    }
  });

  test('an answer without end is cut off and its hook ended', () => {
    const { caller, ends, heard } = made();
    const piece = Buffer.alloc(1024 * 1024);
    for (let bytes = 0; bytes <= LIMITS.httpAnswerMaxBytes; bytes += piece.length) caller.stdout(piece);
    expect([ends[0]?.kind, ends.length, heard]).toEqual(['failed', 1, ['gone']]);
    caller.end(end(0), explained('answered'));
    expect(ends).toHaveLength(1);
  });

  test('of stderr the beginning is kept', () => {
    const { caller, ends } = made();
    for (let piece = 0; piece < 3; piece++) caller.stderr(Buffer.alloc(LIMITS.httpStderrMaxBytes / 2 + 1));
    caller.end(end(0), explained('answered'));
    expect(ends).toMatchObject([{ end: { stderr: { length: LIMITS.httpStderrMaxBytes } } }]);
  });

  test('once nobody waits nothing starts, and what runs is told', () => {
    const { caller, ends, heard } = made();
    expect(caller.started()).toBe(true);
    caller.gone();
    expect([caller.started(), heard]).toEqual([false, ['gone']]);
    caller.end(end(0), explained('answered'));
    expect(ends).toEqual([]);
  });
});

describe('hooks by name', () => {
  const hook: HttpHook = { command: 'c', args: undefined, timeoutMs: 0, level: undefined, onFailure: 'continue' };
  const file = () => join(folder, 'http-hooks.json');
  const write = (name: string, mode = 0o600) => {
    rmSync(file(), { force: true });
    writeFileSync(file(), recordText(new Map([[name, { hook, uses: [] }]])));
    chmodSync(file(), mode);
  };
  const hooks = () =>
    new HttpHooks(file(), uid, () => ({ on: true, port: 0, hooks: { own: { ...hook, command: 'own' } } }));

  test('those of the configuration, then those of install; nothing that every object has', () => {
    write('own');
    const found = hooks();
    expect(found.find('own')?.command).toBe('own');
    expect([found.find('constructor'), found.find('installed')]).toEqual([undefined, undefined]);
  });

  test('what install writes later is seen, and so is what it takes away', () => {
    const found = hooks();
    expect(found.find('one')).toBeUndefined();
    write('one');
    expect(found.find('one')).toEqual(hook);
    rmSync(file());
    expect(found.find('one')).toBeUndefined();
  });

  test('a record that others can write is not believed', () => {
    write('one', 0o622);
    expect(hooks().find('one')).toBeUndefined();
  });

  test('what is no hook in it is left out', () => {
    const spoiled = { A: { hook, uses: [] }, two: { hook: { ...hook, command: 1 }, uses: [] }, three: { hook } };
    writeFileSync(file(), JSON.stringify({ hooks: { ...spoiled, good: { hook, uses: [] } } }), { mode: 0o600 });
    const found = hooks();
    expect(['A', 'two', 'three', 'good'].filter((name) => found.find(name) !== undefined)).toEqual(['good']);
  });
});
