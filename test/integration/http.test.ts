/** Agents' http hooks, asked for as an agent does. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestDaemon, TestHome } from '../lib/daemon.js';
import { configureHttp, HttpDaemon } from '../lib/http-hooks.js';
import { onlyAt } from '../lib/only-at.js';
import { identify } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';

const HOOKS = {
  json: { command: `printf '{"decision":"block","reason":"%s"}' "$(wc -c)"` },
  deny: { command: 'echo "not here" >&2; exit 2' },
  place: { command: 'pwd; echo "$PWD"; echo "$CLAUDE_PROJECT_DIR"; env | cut -d= -f1 | sort | tr "\\n" " "' },
  program: { command: 'printf', args: ['%s|', 'a b', '$HOME', '${CLAUDE_PROJECT_DIR}'] },
  sleep: { command: 'echo $$ > pid; sleep 60' },
  slow: { command: 'sleep 60', timeoutMs: 200 },
  guard: { command: 'sleep 60', timeoutMs: 200, onFailure: 'block' },
  absent: { command: 'no-such-program', args: [] },
  script: { command: 'python3 "${CLAUDE_PROJECT_DIR}/hook.py"' },
  held: { command: 'cat ~/.ssh/id >&2; exit 2', level: 'restricted' },
} as const;

let http: HttpDaemon;
const keptAlive = new Agent({ keepAlive: true });

describe('a daemon with hooks by name', () => {
  beforeAll(async () => {
    http = await HttpDaemon.start(HOOKS as never);
  });
  afterAll(async () => {
    keptAlive.destroy();
    expect(await http.daemon.stop(), 'left behind').toEqual([]);
  });

  it('gives the event to the hook, to the byte, and its JSON back', async () => {
    const event = http.event('PostToolUse', { tool_response: 'é'.repeat(100_000) });
    const { status, body } = await http.ask('json', event);
    expect([status, JSON.parse(body)]).toEqual([200, { decision: 'block', reason: String(Buffer.byteLength(event)) }]);
  });

  it('says exit 2 in the form of the event', async () => {
    expect(await http.ask('deny', http.event('PreToolUse'))).toMatchObject({
      status: 200,
      body: JSON.stringify({
        hookSpecificOutput: {
          hookEventName: 'PreToolUse',
          permissionDecision: 'deny',
          permissionDecisionReason: 'not here',
        },
      }),
    });
    expect((await http.ask('deny', http.event('Stop'))).body).toBe('{"decision":"block","reason":"not here"}');
  });

  it('runs it in the folder of the event, with the environment that every program needs and no more', async () => {
    const { body } = await http.ask('place', http.event('UserPromptSubmit'));
    const { hookSpecificOutput } = JSON.parse(body) as { hookSpecificOutput: { additionalContext: string } };
    const [pwd, variable, project, names] = hookSpecificOutput.additionalContext.split('\n');
    expect([pwd, variable, project]).toEqual([http.project, http.project, http.project]);
    expect(names?.split(' ').filter((name) => name !== '_')).toEqual(['CLAUDE_PROJECT_DIR', 'HOME', 'PATH', 'PWD']);
  });

  it('starts a program with args without a shell', async () => {
    const { body } = await http.ask('program', http.event('UserPromptSubmit'));
    expect(JSON.parse(body).hookSpecificOutput.additionalContext).toBe(`a b|$HOME|${http.project}|`);
  });

  it('answers a script from a warm interpreter once there is one', async () => {
    writeFileSync(join(http.project, 'hook.py'), 'import sys\nprint("{}")\n');
    const ask = async () => {
      expect((await http.ask('script', http.event('Stop'))).status).toBe(200);
      return (await http.daemon.status()).calls.byPath.worker > 0 || undefined;
    };
    await waitFor('an answer of a worker', ask);
  });

  it('what failed is an error, or a block where it is to block', async () => {
    expect(await http.ask('slow', http.event('PreToolUse'))).toMatchObject({
      status: 500,
      body: 'hook stopped: no end within 200 ms\n',
    });
    const { status, body } = await http.ask('guard', http.event('PreToolUse'));
    expect([status, JSON.parse(body).hookSpecificOutput.permissionDecision]).toEqual([200, 'deny']);
    expect((await http.ask('absent', http.event('PreToolUse'))).status).toBe(500);
    expect((await http.ask('json', http.event('PreToolUse', { cwd: '/no/such/folder' }))).status).toBe(500);
  });

  it('holds a hook at its level', onlyAt('restricted'), async () => {
    const { status } = await http.ask('held', http.event('Stop'));
    expect(status).toBe(200);
    const { pools } = await http.daemon.status();
    expect(pools.map(({ level }) => level)).toContain('restricted');
  });

  it('one connection serves one request after the other, four at once take four', async () => {
    const before = (await http.status()).answered;
    const ports = new Set<number>();
    for (let i = 0; i < 9; i++) {
      ports.add((await http.ask('deny', http.event('Stop'), { agent: keptAlive })).localPort);
    }
    expect(ports.size).toBe(1);
    const asked = [1, 2, 3, 4].map(() => http.ask('deny', http.event('Stop'), { agent: keptAlive }));
    for (const { localPort } of await Promise.all(asked)) ports.add(localPort);
    expect(ports.size).toBe(4);
    expect(await http.status()).toMatchObject({ answered: before + 13, running: 0, connections: 4 });
  });

  it('a hook for which nobody waits any more is ended', async () => {
    const { signal, abort } = abortable();
    const asked = http.ask('sleep', http.event('Stop'), { stop: signal });
    const file = join(http.project, 'pid');
    const pid = await waitFor('the hook', () =>
      existsSync(file) ? Number(readFileSync(file, 'utf8')) || undefined : undefined,
    );
    expect((await http.status()).running).toBe(1);
    abort();
    await expect(asked).rejects.toThrow();
    await waitFor('its end', () => (identify(pid) === undefined ? true : undefined));
    expect((await http.status()).running).toBe(0);
  });

  it('what a new configuration adds is served after a reload, by the same listener', async () => {
    expect((await http.ask('later', http.event('Stop'))).status).toBe(404);
    configureHttp(http.daemon.home, { ...(HOOKS as never as object), later: { command: 'exit 2' } }, 0);
    expect(http.daemon.home.supervisor(['reload']).status).toBe(0);
    expect((await http.ask('later', http.event('Stop'))).status).toBe(200);
  });

  it('a recording has its calls, too', async () => {
    const record = (...words: string[]) => http.daemon.home.supervisor(['record', ...words, '--json']).stdout;
    const { file } = JSON.parse(record('on', '--for', '1m')) as { file: string };
    expect((await http.ask('deny', http.event('Stop'))).body).toBe('{"decision":"block","reason":"not here"}');
    record('off');
    const [, ...calls] = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(calls.map((line) => JSON.parse(line))).toMatchObject([
      {
        ...{ argv: ['/bin/sh', '-c', HOOKS.deny.command], cwd: http.project, outcome: 'answered', exitCode: 2 },
        ...{ stdin: { content: http.event('Stop') }, stderr: { content: 'not here\n' } },
      },
    ]);
  });

  it('status and doctor tell of it, and whether an agent would have the token', () => {
    const { home } = http.daemon;
    expect(home.supervisor(['status']).stdout).toMatch(/^http +127\.0\.0\.1:\d+, /m);
    const { stdout } = home.supervisor(['doctor']);
    expect(stdout).toMatch(/WARN {2}http hooks: (.|\n)*HOOK_SUPERVISOR_TOKEN is not(.|\n)*set/);
    expect(home.supervisor(['doctor'], { HOOK_SUPERVISOR_TOKEN: http.token }).stdout).toMatch(/OK {4}http hooks: /);
  });
});

describe('a daemon of its own', () => {
  let daemon: TestDaemon | undefined;
  afterEach(async () => {
    expect(await daemon?.stop(), 'left behind').toEqual([]);
    daemon = undefined;
  });

  it('serves none unless it is told to, and makes no token', async () => {
    daemon = TestDaemon.start();
    expect((await daemon.status()).http).toBeNull();
    expect(existsSync(join(daemon.home.home, '.local/state/hook-supervisor/http-token'))).toBe(false);
  });

  it('whose port somebody else has serves all others, and says so', async () => {
    const squatter = createServer();
    await new Promise<void>((done) => squatter.listen(0, '127.0.0.1', done));
    const { port } = squatter.address() as { port: number };
    const home = new TestHome();
    configureHttp(home, {}, port);
    daemon = TestDaemon.startIn(home);
    const { http: served, degraded } = await daemon.status();
    squatter.close();
    expect(served).toBeNull();
    expect(degraded).toContainEqual({
      layer: 'http',
      reason: expect.stringContaining('EADDRINUSE'),
      remedy: expect.stringContaining('http.port'),
    });
  });

  it('is replaced by another on the same port: what runs is answered, and no request is lost', async () => {
    const own = await HttpDaemon.start({ long: { command: 'sleep 2; exit 2' }, deny: { command: 'exit 2' } });
    daemon = own.daemon;
    const long = own.ask('long', own.event('Stop'));
    await waitFor('the long one', async () => (await own.status()).running || undefined);
    let isOver = false;
    const restarted = daemon.home.supervisorLater(['restart']).finally(() => {
      isOver = true;
    });
    let asked = 0;
    while (!isOver) {
      expect((await own.ask('deny', own.event('Stop'))).status).toBe(200);
      asked++;
    }
    expect((await restarted).code).toBe(0);
    expect(asked).toBeGreaterThan(5);
    expect((await long).status).toBe(200);
    expect((await own.status()).port).toBe(own.port);
    expect((await own.ask('deny', own.event('Stop'))).status).toBe(200);
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
