/** --autostart: a client that finds no daemon starts one, for the calls to come, with nothing of its own. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Installation } from '../lib/autostart.js';
import { runHook } from '../lib/hook.js';
import { pidsNaming } from '../lib/processes.js';
import { onlyRoot } from '../lib/skip.js';
import { waitFor } from '../lib/wait.js';

const STARTED = 'no supervisor is running; one is being started';

let installation: Installation;
beforeEach(() => {
  installation = new Installation();
});
afterEach(async () => {
  const { home } = installation;
  await isQuiet();
  expect(home.supervisor(['down']).status).toBe(0);
  expect(existsSync(home.runtimeFolder), 'runtime folder').toBe(false);
  expect(pidsNaming(home.root), 'processes').toEqual([]);
  home.remove();
});

/** Nothing that was started is still about to become a daemon. */
const isQuiet = () =>
  waitFor('the end of what starts', () =>
    pidsNaming(join(installation.folder, 'bin/supervisor')).length === 0 ? true : undefined,
  );
const plain = () => ({ PATH: installation.home.env.PATH, HOME: installation.home.env.HOME });
const served = () => waitFor('a daemon', async () => ((await hooksPath()) === 'exec' ? true : undefined));
const hooksPath = async () => (await runHook(installation.home, ['true'])).explained?.path;

it('the call runs directly, the next ones are answered by the daemon; down leaves nothing', async () => {
  expect(await installation.hook()).toMatchObject({
    code: 0,
    stdout: 'answered\n',
    stderr: '',
    explained: { path: 'direct', why: STARTED },
  });
  await served();
  expect((await installation.hook()).explained?.path).toBe('exec');
  expect(installation.starts()).toHaveLength(1);
});

it('what is started has nothing of the caller but HOME: no variable, descriptor, folder, terminal, session', async () => {
  const secret = join(installation.home.root, 'secret');
  writeFileSync(secret, '');
  const inTerminal =
    'import os, pty, sys; os.umask(0); os.dup2(os.open(sys.argv[1], os.O_RDONLY), 77); pty.spawn(sys.argv[2:])';
  const env = { LD_LIBRARY_PATH: '/nowhere', NODE_OPTIONS: '--no-warnings', API_KEY: 'secret', LANG: 'C' };
  await installation.hook({ env, through: ['python3', '-c', inTerminal, secret] });
  const [started] = await waitFor('the start', () =>
    installation.starts().length > 0 ? installation.starts() : undefined,
  );
  const { home, runtimeFolder } = installation.home;
  expect(started).toMatchObject({ cwd: '/', terminal: 0, umask: 0o77 });
  expect(started?.argv).toEqual(['up', '-d', '--own-home']);
  expect(started?.session).not.toBe(started?.pid);
  expect(Object.keys(started?.env ?? {}).sort()).toEqual(['HOME', 'PATH', 'SUPERVISOR_RUNTIME_DIR']);
  expect(started?.env).toMatchObject({ HOME: home, SUPERVISOR_RUNTIME_DIR: runtimeFolder });
  expect(started?.env.PATH).not.toContain(process.env.HOME ?? '/root');
  const named = started?.files.filter((file) => file.startsWith('/') && !file.startsWith('/proc/')) ?? [];
  expect(named.filter((file) => !file.startsWith('/dev/null'))).toContain(installation.startingFile);
  expect(named).not.toContain(secret);
  expect(named.filter((file) => file.startsWith('/dev/pts') || file.startsWith('/dev/tty'))).toEqual([]);
  await served();
});

it('a umask that takes every right takes none of ours: folder, daemon and the file of its last words are usable', async () => {
  const through = ['python3', '-c', 'import os, sys; os.umask(0o777); os.execv(sys.argv[1], sys.argv[1:])'];
  expect((await installation.hook({ through })).explained?.why).toBe(STARTED);
  await served();
  const { runtimeFolder } = installation.home;
  expect(statSync(runtimeFolder).mode & 0o7777).toBe(0o700);
  expect(statSync(installation.startingFile).mode & 0o7777).toBe(0o700);
});

it('the umask of the hook stays as it was', async () => {
  const { client, home } = installation;
  const options = ['--autostart', '--socket', home.callSocket];
  const through = ['sh', '-c', 'umask 027; exec "$@"', 'sh'];
  expect((await runHook(home, ['sh', '-c', 'umask'], { client, options, through, env: plain() })).stdout).toBe(
    '0027\n',
  );
  await served();
});

it('50 clients at once start one', async () => {
  const calls = await Promise.all(Array.from({ length: 50 }, () => installation.hook()));
  expect(calls.map(({ code, stdout }) => `${code} ${stdout}`)).toEqual(Array(50).fill('0 answered\n'));
  await served();
  await isQuiet();
  expect(installation.starts()).toHaveLength(1);
  expect(installation.home.log().match(/"ready, driver/g)).toHaveLength(1);
  const whys = calls.map(({ explained }) => explained?.why);
  expect(whys.filter((why) => why === STARTED)).toHaveLength(1);
}, 60_000);

it('while one starts, however long it takes, no other does', async () => {
  installation.closeGate();
  await installation.hook();
  await waitFor('the start', () => (installation.starts().length === 1 ? true : undefined));
  const longAgo = Date.now() / 1000 - 60;
  utimesSync(installation.startingFile, longAgo, longAgo);
  expect((await installation.hook()).explained?.why).toMatch(/another call is starting it$/);
  installation.openGate();
  await served();
  expect(installation.starts()).toHaveLength(1);
});

it('a start that fails is not tried again for 10 s, and its last words are kept', async () => {
  installation.refuse();
  await installation.hook();
  await isQuiet();
  expect(readFileSync(installation.startingFile, 'utf8')).toContain('cannot start\n');
  expect((await installation.hook()).explained?.why).toMatch(/less than 10 s ago$/);
  const words = Date.now() / 1000;
  utimesSync(installation.startingFile, words, words - 9);
  expect((await installation.hook()).explained?.why).toMatch(/less than 10 s ago$/);
  expect(installation.starts()).toHaveLength(1);
  utimesSync(installation.startingFile, words, words - 11);
  expect((await installation.hook()).explained?.why).toBe(STARTED);
  await isQuiet();
  utimesSync(installation.startingFile, words, words + 3600);
  expect((await installation.hook()).explained?.why, 'the clock was set back').toBe(STARTED);
  await isQuiet();
  expect(installation.starts()).toHaveLength(3);
});

it('a start that fails is not tried again for 10 s where the disk has no room for its last words, either', async () => {
  installation.refuse();
  const noRoom = 'signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))';
  const program = `import os, resource, signal, sys; ${noRoom}; os.execv(sys.argv[1], sys.argv[1:])`;
  await installation.hook({ through: ['python3', '-c', program] });
  await isQuiet();
  expect(readFileSync(installation.startingFile, 'utf8')).toBe('');
  expect((await installation.hook()).explained?.why).toMatch(/less than 10 s ago$/);
});

describe('nothing is started', () => {
  afterEach(async () => {
    await isQuiet();
    expect(installation.starts()).toEqual([]);
    expect(existsSync(installation.home.runtimeFolder), 'runtime folder').toBe(false);
  });
  const why = async (call: Parameters<Installation['hook']>[0]) => {
    const { code, stdout, explained } = await installation.hook(call);
    expect({ code, stdout, path: explained?.path }).toEqual({ code: 0, stdout: 'answered\n', path: 'direct' });
    return explained?.why;
  };

  it('without --autostart', async () => {
    expect(await why({ options: ['--socket', installation.home.callSocket] })).toBe('no supervisor is running');
  });

  const become = (statement: string) => {
    const script = `import ctypes, os, sys; libc = ctypes.CDLL(None); ${statement}; os.execv(sys.argv[1], sys.argv[1:])`;
    return ['python3', '-c', script];
  };
  const confined = /; none is started: this process is confined$/;
  it('under no_new_privs', async () => {
    expect(await why({ through: become('libc.prctl(38, 1, 0, 0, 0)') })).toMatch(confined);
  });

  const byRoot = onlyRoot('can set a filter without no_new_privs, or take another uid');
  it('under a seccomp filter', byRoot, async () => {
    const filter = 'code = ctypes.create_string_buffer(bytes.fromhex("060000000000ff7f"))';
    const program = 'prog = (ctypes.c_uint64 * 2)(1, ctypes.addressof(code))';
    expect(await why({ through: become(`${filter}; ${program}; assert libc.prctl(22, 2, prog) == 0`) })).toMatch(
      confined,
    );
  });

  it('with another effective user or group than the real one', byRoot, async () => {
    expect(await why({ through: become('os.setresuid(65534, 0, 0)') })).toMatch(confined);
    expect(await why({ through: become('os.setresgid(65534, 0, 0)') })).toMatch(confined);
  });

  for (const [name, value] of [
    ['SUPERVISOR_AUTOSTART', '0'],
    ['SUPERVISOR_CGROUP', 'none'],
    ['CLAUDE_HOOKS_POOL_SIZE', '1'],
    ['XDG_CONFIG_HOME', '/elsewhere'],
    ['XDG_STATE_HOME', '/elsewhere'],
  ] as const) {
    it(`where the environment has ${name}`, async () => {
      expect(await why({ env: { [name]: value } })).toBe(
        `no supervisor is running; none is started, since the environment has ${name}`,
      );
    });
  }

  it('where the place comes from the environment', async () => {
    const { runtimeFolder, root } = installation.home;
    const options = ['--autostart'];
    expect(await why({ options, env: { SUPERVISOR_RUNTIME_DIR: runtimeFolder } })).toMatch(
      /has SUPERVISOR_RUNTIME_DIR$/,
    );
    expect(await why({ options, env: { XDG_RUNTIME_DIR: root } })).toMatch(
      /: XDG_RUNTIME_DIR is not this user's folder/,
    );
    expect(existsSync(join(root, 'hook-supervisor'))).toBe(false);
  });

  it('where --socket names no call.sock by an absolute path', async () => {
    const socket = join(installation.home.runtimeFolder, 'other.sock');
    expect(await why({ options: ['--autostart', '--socket', socket] })).toMatch(/: --socket names no absolute path/);
  });

  it('where others can write the program, its folder or Node, or Node is gone', async () => {
    const { folder, node } = installation;
    for (const path of ['bin', 'bin/supervisor', 'build']) {
      chmodSync(join(folder, path), 0o777);
      expect(await why({}), path).toMatch(/: its program is not safe/);
      chmodSync(join(folder, path), 0o755);
    }
    rmSync(node);
    expect(await why({})).toMatch(/: the Node of its installation is gone/);
    writeFileSync(node, '');
    chmodSync(node, 0o777);
    expect(await why({})).toMatch(/: its program is not safe/);
  });
});

it('nothing is started in a runtime folder that is not to be trusted', async () => {
  const { runtimeFolder } = installation.home;
  mkdirSync(runtimeFolder, { mode: 0o755 });
  expect((await installation.hook()).explained?.why).toBe(
    `not trusted, since it is no real folder of this user with mode 0700: ${runtimeFolder}`,
  );
  await isQuiet();
  expect(installation.starts()).toEqual([]);
  rmSync(runtimeFolder, { recursive: true });
});

it('the real program refuses a HOME that is not the one the system has for this user, and says so', async () => {
  const { home, startingFile } = installation;
  const { HOME } = home.env;
  await runHook(home, ['true'], { env: plain(), options: ['--autostart', '--socket', home.callSocket] });
  const words = await waitFor('its refusal', () => /HOME=.*\n/.exec(readFileSync(startingFile, 'utf8'))?.[0]);
  expect(words).toContain(`HOME=${HOME}: the home of this user is `);
  expect(existsSync(home.callSocket)).toBe(false);
});
