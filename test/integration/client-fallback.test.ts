import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  BAD_CALL,
  CLIENT,
  callDaemon,
  callNobody,
  countRuns,
  finish,
  GARBAGE,
  inFolder,
  LEVEL_UNAVAILABLE,
  run,
  type Step,
  startClient,
  startDaemon,
} from '../fixtures/client.js';
import { onlyRoot } from '../lib/skip.js';

const otherUser = onlyRoot('can be somebody else');
const refuse: Step[] = [['call'], ['refuse', BAD_CALL, 'no room']];

/** Processes with this runtime folder in their environment that run `file`. */
function processesOf(folder: string, file: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
      return environment.includes(`SUPERVISOR_RUNTIME_DIR=${folder}\0`) && readlinkSync(`/proc/${pid}/exe`) === file;
    } catch {
      return false; // not a process, ended, or not ours
    }
  }).length;
}
const clientsOf = (folder: string) => processesOf(folder, CLIENT);
const sleepersOf = (folder: string) => processesOf(folder, realpathSync('/bin/sleep'));

async function waitFor(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue(); tries++) {
    if (tries > 150) throw new Error('waited in vain');
    await sleep(20);
  }
}

// ---- Nobody there ---------------------------------------------------------------------------------------------------

test('no daemon -> the command runs in place: output, status, stdin, PATH', async () => {
  const result = await callNobody({ ...run('sh', '-c', 'cat; echo err >&2; exit 9'), stdin: 'in' });
  expect(result).toMatchObject({ code: 9, stdout: 'in', stderr: 'err\n' });
  expect(await callNobody({ args: ['sh', 'echo "$0" $((1+1))'] })).toMatchObject({ code: 0, stdout: '/bin/sh 2\n' });
});

test('no daemon -> a command that cannot be run fails as with env', async () => {
  const missing = { code: 127, stderr: 'supervisor-hook: no-such-cmd: No such file or directory\n' };
  expect(await callNobody(run('no-such-cmd'))).toMatchObject(missing);
  expect(await callNobody(run(''))).toMatchObject({ code: 127 });
  expect(await callNobody(run('/etc/passwd'))).toMatchObject({
    code: 126,
    stderr: 'supervisor-hook: /etc/passwd: Permission denied\n',
  });
});

test('no daemon -> PATH is searched as execvp does', async () => {
  await inFolder(async (folder) => {
    mkdirSync(join(folder, 'denied'));
    writeFileSync(join(folder, 'denied', 'tool'), 'x', { mode: 0o600 });
    writeFileSync(join(folder, 'tool'), 'echo "no #! $0 $1"\n', { mode: 0o755 });
    const env = { PATH: `/nowhere:/etc/passwd:${folder}/denied:${folder}` };
    expect(await callNobody({ ...run('tool', 'arg'), env })).toMatchObject({
      code: 0,
      stdout: `no #! ${folder}/tool arg\n`,
    });
    expect(await callNobody({ ...run('tool'), env: { PATH: `${folder}/denied:/nowhere` } })).toMatchObject({
      code: 126,
    });
    expect(await callNobody({ ...run('tool', 'x'), env: { PATH: '' }, cwd: folder })).toMatchObject({
      stdout: 'no #! tool x\n',
    });
    expect(await callNobody({ ...run('true'), env: { PATH: undefined } })).toMatchObject({ code: 0 });
  });
});

test.each([
  ['signals', ['grep', '-E', '^(SigPnd|SigBlk|SigIgn|SigCgt)', '/proc/self/status']],
  ['descriptors', ['ls', '/proc/self/fd']],
])('a direct run inherits nothing of the client: %s', async (_name, probe) => {
  const wanted = await callNobody({ shell: `exec ${probe.map((word) => `'${word}'`).join(' ')}` });
  expect((await callNobody(run(...probe))).stdout).toBe(wanted.stdout);
  expect((await callDaemon(refuse, { ...run(...probe), stdin: '{}' })).stdout).toBe(wanted.stdout);
});

test('fds closed on entry are closed in a direct run', async () => {
  const shell =
    'exec "$0" run -- /bin/sh -c \'for n in 0 1; do [ -e /proc/self/fd/$n ] || echo closed $n >&2; done\' <&- >&-';
  expect((await callNobody({ shell })).stderr).toBe('closed 0\nclosed 1\n');
});

test('--on-unavailable=block -> exit 2 and the reason; =allow -> exit 0; both run nothing', async () => {
  const runs = await countRuns(async (command) => {
    const block = await callNobody({ args: ['run', '--on-unavailable=block', '--', ...command] });
    expect(block).toMatchObject({ code: 2, stdout: '' });
    expect(block.stderr).toMatch(
      /^supervisor-hook: blocked, the hook did not run: no supervisor is running; .*--on-unavailable=run\n$/,
    );
    const allow = await callNobody({ args: ['run', '--on-unavailable', 'allow', '--', ...command] });
    expect(allow).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
  expect(runs).toBe(0);
});

test.each(['restricted', 'untrusted'])(
  '--level %s and no daemon -> blocked: level and remedy, nothing runs',
  async (level) => {
    const runs = await countRuns(async (command) => {
      const block = await callNobody({ args: ['run', '--level', level, '--', ...command] });
      expect(block).toMatchObject({ code: 2, stdout: '' });
      expect(block.stderr).toBe(
        'supervisor-hook: blocked, the hook did not run: no supervisor is running; ' +
          `--level ${level} needs it: start it with \`supervisor up -d\`\n`,
      );
      const refused = await callDaemon(refuse, { args: ['run', '--level', level, '--', ...command] });
      expect(refused).toMatchObject({ code: 2, stdout: '' });
      const allow = await callNobody({ args: ['run', '--level', level, '--on-unavailable=allow', '--', ...command] });
      expect(allow).toMatchObject({ code: 0, stdout: '', stderr: '' });
    });
    expect(runs).toBe(0);
  },
);

test('a blocked hook whose stderr is closed still exits with 2', async () => {
  const shell = 'exec 4>&1; { sleep 0.1; "$0" run --on-unavailable=block -- true; echo $? >&4; } 2>&1 | true';
  expect((await callNobody({ shell })).stdout).toBe('2\n');
});

test('--explain -> one line of JSON for a direct run and for none', async () => {
  await inFolder(async (folder) => {
    const file = join(folder, 'explain');
    await callNobody({ args: ['run', '--explain', file, '--', 'true'] });
    await callNobody({ args: ['run', '--explain', file, '--on-unavailable=block', '--', 'true'] });
    const [direct, none] = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const rest = {
      runtime: null,
      pid: expect.any(Number),
      slot: null,
      generation: null,
      milliseconds: null,
      level: null,
      enforced: [],
      usage: null,
    };
    expect(direct).toEqual({ path: 'direct', outcome: 'answered', why: 'no supervisor is running', ...rest });
    expect(none).toEqual({ path: null, outcome: 'refused', why: 'no supervisor is running', ...rest });
  });
});

// ---- Somebody else there: the environment must not reach them ---------------------------------------------------------

async function expectDistrust(
  prepare: (folder: string) => string,
  why: string,
  env: Record<string, string> = {},
): Promise<void> {
  await inFolder(async (base) => {
    const folder = join(base, 'runtime');
    mkdirSync(folder, { mode: 0o700 });
    const daemon = await startDaemon(folder, [['call'], ['started'], ['stdout', 'stolen'], ['end']], env);
    try {
      const explain = join(base, 'explain');
      const result = await finish(
        startClient(prepare(folder), { args: ['run', '--explain', explain, '--', 'echo', 'direct'] }),
      );
      expect(result).toMatchObject({ code: 0, stdout: 'direct\n', stderr: '' });
      expect(JSON.parse(readFileSync(explain, 'utf8')).why).toContain(why);
    } finally {
      daemon.kill();
      chmodSync(folder, 0o700); // else it cannot be removed
    }
  });
}

test.each(['755', '750', '701', '1700', '600'])('folder of mode %s -> not trusted', async (mode) => {
  await expectDistrust((folder) => {
    chmodSync(folder, Number.parseInt(mode, 8));
    return folder;
  }, 'not trusted');
});

test('folder that is a symbolic link -> not trusted', async () => {
  await expectDistrust((folder) => {
    renameSync(folder, `${folder}-real`);
    symlinkSync(`${folder}-real`, folder);
    return folder;
  }, 'not trusted');
});

test('folder of another user -> not trusted', otherUser, async () => {
  await expectDistrust((folder) => {
    chownSync(folder, 65534, 65534);
    return folder;
  }, 'not trusted');
});

test('server of another user -> not a byte is sent', otherUser, async () => {
  await expectDistrust((folder) => folder, 'belongs to another user', { FAKE_DAEMON_UID: '65534' });
});

test('the usual places are tried in order until one connects', async () => {
  await inFolder(async (base) => {
    const folder = join(base, 'hook-supervisor');
    mkdirSync(folder, { mode: 0o700 });
    const daemon = await startDaemon(folder, [['call'], ['started'], ['stdout', 'found'], ['end']]);
    const env = { SUPERVISOR_RUNTIME_DIR: undefined, XDG_RUNTIME_DIR: base };
    const result = await finish(startClient('', { ...run('echo', 'direct'), env }));
    daemon.kill();
    expect(result.stdout).toBe('found');
  });
});

// ---- Refused, or gone before the start ---------------------------------------------------------------------------------

const notStarted: [name: string, steps: Step[]][] = [
  ['refused', refuse],
  ['refused before the call was read', [['refuse', 3, 'confined peer'], ['close']]],
  ['closed at once', [['close']]],
  ['closed after the call', [['call'], ['close']]],
  ['half a header, then closed', [['call'], ['raw', '00000000'], ['close']]],
  ['garbage', [['call'], ['raw', GARBAGE], ['gone']]],
  ['another version of the protocol', [['call'], ['frame', 16, '', 2], ['gone']]],
  ['output before STARTED', [['call'], ['stdout', 'x'], ['gone']]],
  ['an end before STARTED', [['call'], ['end', 0], ['gone']]],
  ['a frame of 4 MiB from another door', [['call'], ['raw', '00004000010021000000000000000000'], ['gone']]],
  ['a refusal without a reason', [['call'], ['frame', 20, 'x'], ['gone']]],
  ['refused after STARTED, for want of a worker', [['call'], ['started'], ['refuse', BAD_CALL, 'no worker']]],
];
test.each(notStarted)('%s -> the command runs directly, once', async (_name, steps) => {
  const runs = await countRuns(async (command) => {
    expect(await callDaemon(steps, { ...run(...command), stdin: '{}' })).toMatchObject({ code: 0, stderr: '' });
  });
  expect(runs).toBe(1);
});

test('refused because the level cannot be had -> blocked, never run with more rights', async () => {
  const runs = await countRuns(async (command) => {
    const result = await callDaemon([['call'], ['refuse', LEVEL_UNAVAILABLE, 'no Landlock here']], run(...command));
    expect(result).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the supervisor refused: no Landlock here'),
    });
  });
  expect(runs).toBe(0);
});

test.each([
  ['small', 100, '{}'],
  ['as large as a pipe', 65_536, ''],
  ['larger than a pipe', 120_000, ''],
  ['larger than what is gathered', 1_000_000, ''],
])('refused with input %s -> the direct run gets every byte', async (_name, length) => {
  const stdin = Buffer.alloc(length, '0123456789');
  const result = await callDaemon(refuse, { ...run('/bin/sh', '-c', 'cat; cat /proc/$$/task/$$/children >&2'), stdin });
  expect(result).toMatchObject({ code: 0, stdoutBytes: length });
  expect(result.stdout).toBe(stdin.toString());
  expect(result.stderr).toMatch(/^\d+ $/); // its own cat and nobody else
});

test('refused with input still open -> what comes later reaches the direct run', async () => {
  const result = await callDaemon(
    [['call'], ['note', 'called'], ['refuse', BAD_CALL, 'no']],
    { ...run('cat'), stdin: null },
    async (client, daemon) => {
      client.stdin.write('first ');
      await daemon.note('called');
      await new Promise<void>((done) => client.stdout.once('data', () => done()));
      client.stdin.end('second');
    },
  );
  expect(result).toMatchObject({ code: 0, stdout: 'first second' });
});

test('input that came after the call was sent reaches the direct run', async () => {
  const steps: Step[] = [['call'], ['note', 'called'], ['sleep', 200], ['refuse', BAD_CALL, 'no'], ['gone']];
  const result = await callDaemon(steps, { ...run('cat'), stdin: null }, async (client, daemon) => {
    await daemon.note('called');
    client.stdin.end('late');
  });
  expect(result).toMatchObject({ code: 0, stdout: 'late' });
  expect(result.report.frames).toEqual([1]);
});

test('refused with input still open -> what feeds the hook ends with it', async () => {
  const shell = '{ echo open; exec sleep 5 2>/dev/null; } | "$0" run -- sleep 0.5';
  await callDaemon(refuse, { shell }, async (client, _daemon, folder) => {
    await waitFor(() => clientsOf(folder) === 1 && sleepersOf(folder) === 2); // the feeder; the hook and the writer
    await waitFor(() => sleepersOf(folder) === 1);
    await waitFor(() => clientsOf(folder) === 0);
    expect(sleepersOf(folder)).toBe(1); // its input was still open
    client.kill('SIGKILL');
  });
});

test('refused with a regular file as input -> the direct run finds that file at its start', async () => {
  await inFolder(async (folder) => {
    const file = join(folder, 'input');
    writeFileSync(file, 'skip;rest of the file');
    const shell = `exec < ${file}; dd bs=5 count=1 of=/dev/null 2>/dev/null; exec "$0" run -- sh -c 'readlink /proc/self/fd/0; cat'`;
    expect((await callDaemon(refuse, { shell })).stdout).toBe(`${file}\nrest of the file`);
  });
});
