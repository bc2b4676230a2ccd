/** Validators that do not what they should: the verdict follows from their policy, the others answer as ever, the cause is to be
 *  seen, and nothing is left of them. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bash, EventWorld } from '../lib/events.js';
import { commandLine } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';

const MIB = 1024 * 1024;
/** Of those that use it up; in it their worker must have started, too. */
const TIMEOUT_MS = 2_000;
const LONG_MS = 20_000;
/** In the command line of what an attack leaves running. */
const MARK = `${4_000_000 + process.pid}`;

interface Attack {
  runtime: 'node' | 'python' | 'exec';
  /** Of the function that validates, or of the loop of a program: `ask` is the question, `say` answers. */
  code: string;
  /** As the agent is told, where its failure is to block. Undefined: it gets away with an answer. */
  fails?: RegExp;
  /** As `status` counts the deaths of its workers. */
  dies?: string;
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  throws: { runtime: 'node', code: `throw new TypeError('oops');`, fails: /\(threw\): TypeError: oops/ },
  rejects: { runtime: 'node', code: `return Promise.reject(new Error('no'));`, fails: /\(threw\): Error: no/ },
  'throws-nothing': { runtime: 'node', code: 'throw undefined;', fails: /\(threw\)/ },
  raises: { runtime: 'python', code: `raise ValueError("oops")`, fails: /\(threw\): ValueError: oops/ },
  hangs: { runtime: 'node', code: 'return new Promise(() => {});', fails: /\(timedOut\): no answer within/ },
  loops: { runtime: 'node', code: 'for (;;);', fails: /\(timedOut\)/, dies: 'timedOut' },
  'loops-too': { runtime: 'python', code: 'while True: pass', fails: /\(timedOut\)/, dies: 'timedOut' },
  leaks: {
    ...{ runtime: 'node', fails: /\(limitHit\): .*memory limit/, dies: 'limitHit' },
    code: 'const all = []; for (;;) all.push(Buffer.alloc(8 << 20, 1));',
  },
  forks: {
    ...{ runtime: 'python', fails: /\(timedOut\)/, dies: 'timedOut' },
    code: `
    import subprocess, time
    for _ in range(20): subprocess.Popen(["sleep", "${MARK}"], start_new_session=True)
    time.sleep(60)`,
  },
  exits: { runtime: 'node', code: 'process.exit(0);', fails: /\(crashed\): .*exit code 0/, dies: 'crashed' },
  'kills-itself': {
    ...{ runtime: 'python', fails: /\(crashed\): .*signal 9/, dies: 'crashed' },
    code: `import os, signal; os.kill(os.getpid(), signal.SIGKILL)`,
  },
  'ends-later': {
    ...{ runtime: 'node', fails: /\(crashed\): .*last words/, dies: 'crashed' },
    code: `console.error('last words'); setTimeout(() => process.exit(3)); return new Promise(() => {});`,
  },
  'rejects-later': {
    ...{ runtime: 'node', fails: /\(crashed\): .*: nobody caught Error: stray/, dies: 'crashed' },
    code: `setTimeout(() => Promise.reject(new Error('stray'))); return new Promise(() => {});`,
  },
  'resolves-without-end': {
    ...{ runtime: 'node', fails: /\(timedOut\)/, dies: 'timedOut' },
    code: `const again = { then(resolve) { resolve(again); } }; return again;`,
  },
  'takes-json-away': {
    ...{ runtime: 'node', fails: /\(crashed\): .*nobody caught Error: gone/, dies: 'crashed' },
    code: `JSON.stringify = () => { throw new Error('gone'); }; return {};`,
  },
  'closes-its-descriptors': {
    ...{ runtime: 'node', fails: /\(crashed\)/, dies: 'crashed' },
    code: `for (const fd of [3, 4]) try { process.getBuiltinModule('fs').closeSync(fd); } catch {} return new Promise(() => {});`,
  },
  number: { runtime: 'node', code: 'return 42;', fails: /\(protocol\)/ },
  'unknown-decision': { runtime: 'python', code: `return {"decision": "sure"}`, fails: /\(protocol\)/ },
  'unknown-field': { runtime: 'node', code: `return { verdict: 'allow' };`, fails: /\(protocol\)/ },
  prints: {
    runtime: 'node',
    code: `console.log('{"id":1,"verdict":{"decision":"allow"}}'); process.stdout.write('x'.repeat(1 << 20)); return {};`,
  },
  'fills-its-ring': {
    ...{ runtime: 'python', fails: /\((protocol|timedOut|crashed)\)/, dies: '(protocol|timedOut|crashed)' },
    code: `
    import ctypes
    for row in open("/proc/self/maps"):
        begin, end = (int(word, 16) for word in row.split()[0].split("-"))
        if "rw-s" in row: ctypes.memset(begin, 255, end - begin)`,
  },
  'closes-its-ring': {
    ...{ runtime: 'python', fails: /\(crashed\)/, dies: 'crashed' },
    code: `
    import os, time
    for fd in os.listdir("/proc/self/fd"):
        try:
            if os.readlink("/proc/self/fd/" + fd).startswith("socket:"): os.close(int(fd))
        except OSError: pass
    time.sleep(60)`,
  },
  'writes-to-its-doorbell': {
    runtime: 'python',
    code: `
    import os
    for fd in os.listdir("/proc/self/fd"):
        try:
            if os.readlink("/proc/self/fd/" + fd).startswith("socket:"): os.write(int(fd), b"x" * 100)
        except OSError: pass`,
  },
  garbage: { runtime: 'exec', code: `print("{garbage", flush=True)`, fails: /\(protocol\)/, dies: 'protocol' },
  endless: {
    ...{ runtime: 'exec', fails: /\(protocol\)/, dies: 'protocol' },
    code: `
    while True: sys.stdout.write("x" * 65536)`,
  },
  'says-nothing-without-end': {
    ...{ runtime: 'exec', fails: /\(protocol\): .*blank lines without end/, dies: 'protocol', timeoutMs: 20_000 },
    code: `
    while True: sys.stdout.write("\\n" * 65536)`,
  },
  deep: { runtime: 'exec', code: `say("[" * 100000)`, fails: /\(protocol\)/, dies: 'protocol' },
  twice: {
    runtime: 'exec',
    code: `say({"id": ask["id"], "verdict": {}}); say({"id": ask["id"], "verdict": {}})`,
    dies: 'protocol',
  },
  'for-another': {
    ...{ runtime: 'exec', fails: /\(protocol\)/, dies: 'protocol' },
    code: `say({"id": ask["id"] + 1, "verdict": {"decision": "allow"}})`,
  },
  late: {
    ...{ runtime: 'exec', fails: /\(timedOut\)/, dies: 'timedOut' },
    code: `import time; time.sleep(${(2 * TIMEOUT_MS) / 1_000}); say({"id": ask["id"], "verdict": {"decision": "allow"}})`,
  },
  'does-not-read': { runtime: 'exec', code: 'import time; time.sleep(60)', fails: /\(timedOut\)/, dies: 'timedOut' },
};

function sourceOf({ runtime, code }: Attack): string {
  if (runtime === 'node') return `export default { validate(event, context) { ${code} } };`;
  if (runtime === 'python') return `def validate(event, context):\n    ${code}\n    return {}\n`;
  return `#!/usr/bin/python3
import json, sys
def say(value): print(value if isinstance(value, str) else json.dumps(value), flush=True)
say({"protocol": 1})
for line in sys.stdin:
    ask = json.loads(line)
    if ask.get("forget"): continue
    ${code}
`;
}

const SUFFIX = { node: '.mjs', python: '.py', exec: '' } as const;
const POLICIES = ['block', 'continue'] as const;

const world = new EventWorld();
const attackers = Object.entries(ATTACKS).flatMap(([name, attack]) => {
  const entry = world.write(`${name}${SUFFIX[attack.runtime]}`, sourceOf(attack));
  const { runtime, fails } = attack;
  const timeoutMs = fails?.source.includes('timedOut') ? TIMEOUT_MS : LONG_MS;
  return POLICIES.map((onFailure) => ({
    ...{ name: `${name}-${onFailure}`, runtime, entry, level: 'contained', onFailure, timeoutMs },
    matcher: `${name}-${onFailure}`,
  }));
});
const honest = {
  ...{ name: 'honest', level: 'contained', matcher: '' },
  entry: world.write('honest.mjs', `export default { validate: () => ({ context: 'honest' }) };`),
};

beforeAll(() => world.start([...attackers, honest], { limits: { memoryMaxBytes: 256 * MIB }, slotsPerPool: 64 }));
afterAll(async () => {
  expect(await world.end()).toEqual([]);
  expect(marked()).toEqual([]);
});

function marked(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => commandLine(Number(pid))).filter((line) => line.includes(MARK));
}

async function told(tool_name: string) {
  const { code, stdout, stderr } = await world.tell(bash('x', { tool_name }));
  const { hookSpecificOutput } = JSON.parse(stdout);
  return { code, stderr, ...hookSpecificOutput };
}

describe.each(Object.entries(ATTACKS))('%s', (name, { fails, dies }) => {
  test('the verdict is that of its policy, and the honest one is heard', async () => {
    const [block, allow] = await Promise.all([told(`${name}-block`), told(`${name}-continue`)]);
    const heard = { code: 0, stderr: '', hookEventName: 'PreToolUse', additionalContext: 'honest' };
    expect(allow).toEqual(heard);
    if (fails === undefined) expect(block).toEqual(heard);
    else {
      expect(block).toMatchObject({ permissionDecision: 'deny' });
      expect(block.permissionDecisionReason).toMatch(fails);
    }
  });

  test('what became of it is to be seen', async () => {
    for (const policy of POLICIES) {
      const seen = await waitFor(`the death of ${name}-${policy}`, async () => {
        const status = await world.validator(`${name}-${policy}`);
        return dies === undefined || status.deaths.length > 0 ? status : undefined;
      });
      expect(seen).toMatchObject({ asked: 1, failed: fails === undefined ? 0 : 1, breaker: 'closed' });
      expect(seen.deaths.map(({ cause }) => cause).join()).toMatch(new RegExp(`^${dies ?? ''}$`));
    }
  });
});

test('what a worker has started goes with it', async () => {
  await waitFor('the end of its children', () => (marked().length === 0 ? true : undefined));
});

test('a Node that loops is ended once it gives no sign of life', async () => {
  const { deaths } = await waitFor('its end', async () => {
    const status = await world.validator('loops-block');
    return status.deaths.length > 0 ? status : undefined;
  });
  expect(deaths).toEqual([{ cause: 'timedOut', count: 1 }]);
});

test('the honest one has had one worker for all of them, which never failed', async () => {
  const { failed, restarts, workers } = await world.validator('honest');
  expect({ failed, restarts }).toEqual({ failed: 0, restarts: 0 });
  expect(workers).toMatchObject([{ state: 'ready' }]);
  expect(workers[0]?.answered).toBeGreaterThan(attackers.length / 2);
});

test('one that dies again and again is held back, and says of what', async () => {
  for (let at = 0; at < 7; at++) await told('exits-block');
  const { why, breaker, deaths } = await world.validator('exits-block');
  expect(deaths).toEqual([{ cause: 'crashed', count: expect.any(Number) }]);
  expect(breaker === 'open' ? why : 'open').toMatch(/open/);
  expect(why).toContain('exit code 0');
});
