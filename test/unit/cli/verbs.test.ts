/** The command line with a daemon played by a script: words, exit codes, and what is left behind. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../../supervisor/cli/context.js';
import { packageFiles } from '../../../supervisor/cli/context.js';
import { commandLine } from '../../../supervisor/cli/main.js';

let home: string;
let runtimeFolder: string;
let said: string;
let printed: string;
let server: Server | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hs-cli-'));
  runtimeFolder = join(home, 'run');
  said = '';
  printed = '';
});
afterEach(async () => {
  await new Promise<void>((done) => (server ? server.close(() => done()) : done()));
  server = undefined;
  rmSync(home, { recursive: true, force: true });
});

function context(daemonScript = ''): Context {
  const daemon = join(home, 'daemon.mjs');
  writeFileSync(daemon, daemonScript);
  return {
    env: { PATH: process.env.PATH, HOME: home, API_KEY: 'secret', SUPERVISOR_RUNTIME_DIR: runtimeFolder },
    uid: process.geteuid?.() ?? 0,
    cwd: () => home,
    out: (text) => {
      printed += text;
    },
    err: (text) => {
      said += text;
    },
    screen: { width: 80, height: Number.POSITIVE_INFINITY, isTerminal: false, isColoured: false },
    ticks: async function* () {},
    stopSignal: () => new AbortController().signal,
    errIsTerminal: false,
    files: { ...packageFiles(), daemon },
  };
}

async function exitCode(args: string[], daemonScript?: string): Promise<number> {
  const end = await commandLine(args, context(daemonScript));
  return end.kind === 'exit' ? end.code : -1;
}

describe('words', () => {
  test.each([
    [[], 'Usage: supervisor'],
    [['statsu'], 'Did you mean status?'],
    [['status', 'all', 'of'], 'too many arguments'],
    [['status', 'exec', '--watch'], '--watch shows all pools'],
    [['scale', 'exec', '65'], 'from 0 to 64'],
    [['scale', 'exec', 'many'], 'from 0 to 64'],
    [['logs', '-n', '0'], 'from 1 to'],
    [['top', '--sort', 'luck'], 'Allowed choices are cpu'],
    [['top', '-d', '0'], 'Seconds from 0.1'],
    [['events', '--since', 'noon'], 'A time such as'],
    [['record', 'maybe'], 'Allowed choices are on, off, status'],
    [['record', 'on', '--for', '25h'], 'at most 24h'],
    [['record', 'on', '--for', '5'], 'A duration such as'],
    [['record', 'on', '--max-bytes', '2K'], 'from 64K to 256M'],
    [['record', 'off', '--for', '1h'], 'it takes no bounds'],
    [['why'], 'missing required argument'],
    [['status', '--jsn'], 'Did you mean --json?'],
    [['up', '--log-level', 'loud'], 'Allowed choices are trace, debug, info, warn, error'],
    [['up', '--config'], 'argument missing'],
    [['status', '--watch=often'], 'Seconds from 0.1'],
    [['status', '--watch', '0'], 'Seconds from 0.1'],
    [['status', '-w', '1e9'], 'Seconds from 0.1'],
  ])('%j is a mistake: 64, and says so on stderr', async (args, text) => {
    expect(await exitCode(args)).toBe(64);
    expect(said).toContain(text);
    expect(printed).toBe('');
  });

  test.each([[['help']], [['--help']], [['help', 'up']], [['version']], [['--version']]])(
    '%j: 0, on stdout',
    async (args) => {
      expect(await exitCode(args)).toBe(0);
      expect(printed).not.toBe('');
      expect(said).toBe('');
    },
  );

  test.each([40, 60, 80])('%i columns: every help fits, and loses no word of the wide one', async (width) => {
    const help = async (verb: string, columns: number) => {
      printed = '';
      const narrow = { ...context(), screen: { ...context().screen, width: columns } };
      await commandLine(verb === '' ? ['--help'] : ['help', verb], narrow);
      return printed;
    };
    for (const verb of [
      '',
      'up',
      'status',
      'why',
      'events',
      'top',
      'ps',
      'logs',
      'scale',
      'kick',
      'record',
      'cache',
      'doctor',
      'run',
      'sh',
    ]) {
      const text = await help(verb, width);
      expect(text.split('\n').filter((line) => line.length > width)).toEqual([]);
      expect(text.split(/\s+/)).toEqual((await help(verb, 1000)).split(/\s+/));
    }
  });

  test('--no-color, before or after the verb: no escape where the environment demands colour', async () => {
    const coloured = { ...context(), screen: { ...context().screen, isColoured: true } };
    await commandLine(['doctor'], coloured);
    expect(printed).toContain('\x1b[');
    for (const args of [
      ['doctor', '--no-color'],
      ['--no-color', 'doctor'],
    ]) {
      printed = '';
      await commandLine(args, coloured);
      expect(printed).toContain('OK');
      expect(printed).not.toContain('\x1b');
    }
  });

  test('--no-color before run: the hook is run, not lost', async () => {
    expect(await exitCode(['--no-color', 'run', '--', 'sh', '-c', 'exit 7'])).toBe(7);
  });

  test('up without -d: the caller becomes the daemon, with the flags', async () => {
    const args = ['up', '--config', 'c.json', '--log-level', 'debug'];
    expect(await commandLine(args, context())).toEqual({ kind: 'becomeDaemon', args: args.slice(1) });
  });
});

describe('without a daemon', () => {
  test('status: 3, for people and for programs; down: 0', async () => {
    expect(await exitCode(['status'])).toBe(3);
    expect(printed).toBe('not running\n');
    printed = '';
    expect(await exitCode(['status', '--json'])).toBe(3);
    expect(JSON.parse(printed)).toEqual({ schema: 'supervisor.status/v1', running: false });
    expect(await exitCode(['down'])).toBe(0);
    expect(existsSync(runtimeFolder)).toBe(false);
  });

  test('doctor --json: the checks, and each hook that is slow to start', async () => {
    mkdirSync(join(home, '.claude'));
    const hooks = { Stop: [{ hooks: [{ type: 'command', command: 'uvx ruff' }] }] };
    writeFileSync(join(home, '.claude/settings.json'), JSON.stringify({ hooks }));
    expect(await exitCode(['doctor', '--json'])).toBe(0);
    const told = JSON.parse(printed);
    expect(told).toMatchObject({ schema: 'supervisor.doctor/v1', ok: true });
    expect(told.checks).toContainEqual(expect.objectContaining({ name: 'hooks', verdict: 'WARN' }));
    expect(told.slowHooks).toEqual([
      {
        file: join(home, '.claude/settings.json'),
        event: 'Stop',
        command: 'uvx ruff',
        launcher: 'uvx',
        why: expect.any(String),
        remedy: expect.stringContaining('uv tool install ruff'),
      },
    ]);
  });

  test.each(['status', 'down', 'up -d'])('%s with a bad configuration: 78, each problem named', async (words) => {
    const folder = join(home, '.config/hook-supervisor');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config.json'), '{"slots":1,"timeoutMs":-1}', { mode: 0o600 });
    expect(await exitCode(words.split(' '))).toBe(78);
    expect(said).toContain('config.json: slots: there is no such key');
    expect(said).toContain('config.json: timeoutMs: -1 is not allowed here');
  });

  test.each(['status', 'down', 'up -d'])(
    '%s with a runtime folder open to others: 77, and the remedy',
    async (words) => {
      mkdirSync(runtimeFolder, { mode: 0o755 });
      expect(await exitCode(words.split(' '))).toBe(77);
      expect(said).toContain(`chmod 0700 '${runtimeFolder}'`);
    },
  );

  test('down removes the sockets that a killed daemon left', async () => {
    mkdirSync(runtimeFolder, { mode: 0o700 });
    for (const name of ['call.sock', 'control.sock']) writeFileSync(join(runtimeFolder, name), '');
    expect(await exitCode(['down'])).toBe(0);
    expect(readdirSync(runtimeFolder)).toEqual([]);
  });
});

describe('a daemon that does not answer', () => {
  test.each(['status', 'up -d'])('%s: 69 or 75, and what to do', async (words) => {
    mkdirSync(runtimeFolder, { mode: 0o700 });
    server = createServer((socket) => socket.destroy());
    await new Promise<void>((done) => server?.listen(join(runtimeFolder, 'control.sock'), done));
    expect(await exitCode(words.split(' '))).toBe(words === 'status' ? 69 : 75);
    expect(said).toContain('supervisor down');
  });
});

describe('up -d with a daemon that fails', () => {
  test.each([
    [78, 78],
    [77, 77],
    [75, 75],
    [69, 69],
    [1, 69],
  ])('it ends with %i: up ends with %i, shows its words, leaves nothing', async (code, expected) => {
    const script = `process.stderr.write('the cause\\n'); process.exitCode = ${code};`;
    expect(await exitCode(['up', '-d'], script)).toBe(expected);
    expect(said).toContain('  | the cause');
    expect(said).toContain('daemon.log');
    expect(existsSync(runtimeFolder)).toBe(false);
    expect(readdirSync(join(home, '.local/state/hook-supervisor'))).toEqual([]);
  });

  test('killed by a signal: 69 and the signal', async () => {
    expect(await exitCode(['up', '-d'], "process.kill(process.pid, 'SIGSEGV')")).toBe(69);
    expect(said).toContain('SIGSEGV');
  });

  test('it never serves: it is ended, and what it made is removed', async () => {
    const script = `
      import { mkdirSync, writeFileSync } from 'node:fs';
      mkdirSync(process.env.SUPERVISOR_RUNTIME_DIR, { mode: 0o700 });
      writeFileSync(process.env.SUPERVISOR_RUNTIME_DIR + '/lock', String(process.pid));
      const seen = { pid: process.pid, cwd: process.cwd(), key: process.env.API_KEY ?? null };
      writeFileSync(process.env.HOME + '/seen', JSON.stringify(seen));
      setInterval(() => {}, 1000);`;
    expect(await exitCode(['up', '-d'], script)).toBe(69);
    expect(said).toContain('no call was answered within 10 s: it did not open its socket');
    expect(existsSync(runtimeFolder)).toBe(false);
    const seen = JSON.parse(readFileSync(join(home, 'seen'), 'utf8'));
    expect(seen).toMatchObject({ cwd: '/', key: null });
    expect(existsSync(`/proc/${seen.pid}`)).toBe(false);
  });
});
