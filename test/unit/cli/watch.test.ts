/** `status --watch` with a daemon, a terminal and a time that the test plays. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Context, packageFiles } from '../../../supervisor/cli/context.js';
import { commandLine } from '../../../supervisor/cli/main.js';
import { FRAME_HEADER_BYTES, FrameKind, WIRE_VERSION } from '../../../supervisor/contract/wire.js';
import { STATUS } from '../../lib/running-status.js';

let home: string;
let runtimeFolder: string;
let printed: string[];
let said: string;
let server: Server | undefined;
let intervalsMs: number[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hs-watch-'));
  runtimeFolder = join(home, 'run');
  mkdirSync(runtimeFolder, { mode: 0o700 });
  printed = [];
  said = '';
  intervalsMs = [];
});
afterEach(async () => {
  await stopDaemon();
  rmSync(home, { recursive: true, force: true });
});

/** Runs it; between two looks happens the next of `events`. */
async function watch(
  args: string[],
  screen: Partial<Context['screen']>,
  events: ((screen: object) => unknown)[],
): Promise<unknown> {
  const whole = { width: 200, height: 50, isTerminal: false, isColoured: false, ...screen };
  const context: Context = {
    env: { PATH: process.env.PATH, HOME: home, SUPERVISOR_RUNTIME_DIR: runtimeFolder },
    uid: process.geteuid?.() ?? 0,
    cwd: () => home,
    out: (text) => void printed.push(text),
    err: (text) => {
      said += text;
    },
    screen: whole,
    stopSignal: () => new AbortController().signal,
    errIsTerminal: false,
    ticks: async function* (intervalMs) {
      intervalsMs.push(intervalMs);
      yield undefined;
      for (const event of events) {
        await event(whole);
        yield undefined;
      }
    },
    files: packageFiles(),
  };
  return commandLine(['status', ...args], context);
}

async function startDaemon(pid: number): Promise<void> {
  const payload = Buffer.from(JSON.stringify({ ok: true, pid, status: { ...STATUS, pid } }));
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32LE(payload.length, 0);
  header.writeUInt16LE(WIRE_VERSION, 4);
  header.writeUInt16LE(FrameKind.CONTROL_REPLY, 6);
  await listen((socket) => socket.once('data', () => socket.end(Buffer.concat([header, payload]))));
}

async function listen(onConnection: Parameters<typeof createServer>[1]): Promise<void> {
  server = createServer({}, onConnection as () => void);
  await new Promise<void>((done) => server?.listen(join(runtimeFolder, 'control.sock'), done));
}

async function stopDaemon(): Promise<void> {
  await new Promise<void>((done) => (server ? server.close(() => done()) : done()));
  server = undefined;
}

const OK = { kind: 'exit', code: 0 };

test('not running, running, stopped, another one: it goes on, a document in each line, exit code 0', async () => {
  const ended = await watch(['--json', '--watch=5'], {}, [() => startDaemon(11), stopDaemon, () => startDaemon(22)]);
  expect(ended).toEqual(OK);
  expect(printed.map((text) => text.split('\n').length)).toEqual([2, 2, 2, 2]);
  expect(printed.map((text) => JSON.parse(text).pid)).toEqual([undefined, 11, undefined, 22]);
  expect(printed.map((text) => JSON.parse(text).running)).toEqual([false, true, false, true]);
  expect(intervalsMs).toEqual([5000]);
});

test.each([
  [['--watch'], 2000],
  [['-w'], 2000],
  [['--watch', '10'], 10_000],
  [['-w', '0.5'], 500],
])('%j: every %i ms', async (args, intervalMs) => {
  expect(await watch(args, {}, [])).toEqual(OK);
  expect(intervalsMs).toEqual([intervalMs]);
});

test('no terminal: plain frames with an empty line between them', async () => {
  await watch(['-w'], {}, [() => startDaemon(11), stopDaemon]);
  const text = printed.join('');
  expect(text).not.toContain('\x1b');
  expect(text).toMatch(/^not running\n\nsupervisor 0\.1\.0 {2}running(.|\n)* records, on\n\nnot running\n$/);
});

test('a terminal: one frame in the place of the other, fitted to what the terminal is then', async () => {
  await startDaemon(11);
  const shrink = (screen: object) => Object.assign(screen, { width: 60, height: 5 });
  await watch(['-w'], { isTerminal: true }, [shrink]);
  expect(printed.every((text) => text.startsWith('\x1b[H') && text.endsWith('\x1b[J'))).toBe(true);
  expect(printed[0]).toContain('wake-ups');
  expect(printed[1]).toContain('more lines');
  expect(printed[1]?.split('\n')).toHaveLength(5);
});

test('a daemon that does not answer is told, and the next one is shown', async () => {
  await listen((socket) => socket.destroy());
  const restart = async () => {
    await stopDaemon();
    await startDaemon(22);
  };
  expect(await watch(['-w'], {}, [restart])).toEqual(OK);
  expect(printed[0]).toContain('does not answer');
  expect(printed[1]).toContain('pid 22');
});

test('in JSON a daemon that does not answer is no document', async () => {
  await listen((socket) => socket.destroy());
  expect(await watch(['-w', '--json'], {}, [])).toEqual(OK);
  expect(printed).toEqual([]);
  expect(said).toContain('does not answer');
});

test('a runtime folder that becomes open to others ends it: 77', async () => {
  const open = () => chmodSync(runtimeFolder, 0o755);
  expect(await watch(['-w'], {}, [open, open])).toEqual({ kind: 'exit', code: 77 });
  expect(printed).toEqual(['not running\n']);
  expect(said).toContain('chmod 0700');
});
