/** A worker that is forked from a zygote is held as one that is executed: what the same hostile code finds in both is the same. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { LEVEL_NEEDS } from '../../supervisor/contract/isolation.js';
import { COMMANDS, hostLayers, question, ResidentStage } from '../lib/resident.js';
import { waitFor } from '../lib/wait.js';

const layers = await hostLayers();
const lacking = LEVEL_NEEDS.untrusted.filter((name) => !layers.includes(name));
const SIGKILL = 9;
const AROUND_MAX_KB = 512;
const NAMESPACES = ['user', 'mnt', 'pid', 'ipc', 'uts', 'net', 'cgroup'];

/** Told as JSON, by whoever looks around from inside. `attempt` names what an attack met. */
const LOOK = `
import ctypes, errno, faulthandler, gc, json, os, resource, signal, socket, sys, tracemalloc, warnings
def attempt(act):
    try:
        return act() or "done"
    except OSError as error:
        return errno.errorcode[error.errno]
def attacks(call):
    return {
        "signal the first process": [attempt(lambda n=n: os.kill(1, n)) for n in (2, 9, 10, 11, 17, 40)],
        "look into it": [attempt(lambda: open("/proc/1/environ").close()), attempt(lambda: open("/proc/1/mem", "r+b").close())],
        "trace it": call("ptrace", 16, 1, 0, 0),
        "another namespace": call("unshare", 0x10000000),
        "write beside itself": attempt(lambda: open(__file__ + ".new", "w").close()),
        "write to its own code": attempt(lambda: open(__file__, "a").close()),
        "read a secret": attempt(lambda: open("/etc/shadow").close()),
        "a unix socket": attempt(lambda: socket.socket(socket.AF_UNIX).close()),
        "out to the net": attempt(lambda: socket.create_connection(("127.0.0.1", 9), 1)),
        "mount": call("mount", b"none", b"/tmp", b"tmpfs", 0, None),
    }
def look(is_held):
    status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
    kept = ("Umask", "Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    libc = ctypes.CDLL(None, use_errno=True)
    def call(name, *words):
        ctypes.set_errno(0)
        return libc[name](*words), errno.errorcode.get(ctypes.get_errno(), "")
    return {
        "status": {name: status.get(name) for name in kept},
        "filters": status.get("Seccomp_filters"),
        "signals": [status["SigBlk"], status["SigIgn"], status["SigCgt"], [str(signal.getsignal(n)) for n in (2, 13, 15, 17, 25)]],
        "environment": dict(os.environ),
        "fds": sorted(int(fd) for fd in os.listdir("/proc/self/fd")),
        "closeOnExec": not os.get_inheritable(4),
        "leads": os.getpid() != 1 and os.getsid(0) == os.getpid(),
        "folder": os.getcwd(),
        "root": attempt(lambda: sorted(os.listdir("/"))),
        "mounts": sorted(line.split()[4] for line in open("/proc/self/mountinfo")),
        "processes": attempt(lambda: sorted(int(name) for name in os.listdir("/proc") if name.isdigit())),
        "limits": [resource.getrlimit(which) for which in range(16)],
        "interfaces": attempt(lambda: sorted(name for _, name in socket.if_nameindex())),
        "path": sys.path,
        "namespaces": {name: attempt(lambda: os.readlink("/proc/self/ns/" + name)) for name in NAMESPACES},
        "interpreter": [str(sys.flags), sys._xoptions, sys.dont_write_bytecode, sys.pycache_prefix, sys.warnoptions],
        "warns": [str(each) for each in warnings.filters],
        "streams": [[each.encoding, each.errors, each.line_buffering, each.write_through] for each in (sys.stdin, sys.stdout, sys.stderr)],
        "watches": [faulthandler.is_enabled(), tracemalloc.is_tracing(), gc.isenabled(), gc.get_threshold()],
        "numbers": sys.get_int_max_str_digits() if hasattr(sys, "get_int_max_str_digits") else None,
        "attacks": attacks(call) if is_held else None,
    }
def validate(event, context):
    try:
        return {"reason": json.dumps(look(event["toolInput"]["text"] == "untrusted"))}
    except Exception as error:
        return {"reason": json.dumps({"error": repr(error)})}
`.replace('NAMESPACES', JSON.stringify(NAMESPACES));

let stages: ResidentStage[] = [];
afterEach(async () => {
  await Promise.all(stages.map((stage) => stage.close()));
  stages = [];
});

async function begin(
  isForked: boolean,
  level: 'contained' | 'untrusted',
  text = LOOK,
  env: readonly string[] = [],
  beside: Readonly<Record<string, string>> = {},
): Promise<ResidentStage> {
  const stage = new ResidentStage(level, layers, isForked, env);
  stages.push(stage);
  for (const [name, content] of Object.entries(beside)) stage.write(name, content);
  await stage.start(COMMANDS.python(stage.write('validator.py', text)));
  await stage.heard.ready();
  return stage;
}

/** Outside of a sandbox nothing is attacked: it would be the machine that runs the test. */
async function found(stage: ResidentStage, level: string) {
  const [answer] = await stage.heard.answer(stage.link.ask(question(level)));
  if (answer?.kind !== 'answered') throw new Error(JSON.stringify(answer));
  // Each has a folder of its own.
  return JSON.parse((answer.verdict.reason ?? '').replaceAll(stage.folder, '/folder'));
}

/** What both find, but for what is told apart on purpose. */
async function compare(level: 'contained' | 'untrusted', env: readonly string[] = []) {
  const [executed, forked] = [
    await found(await begin(false, level, LOOK, env), level),
    await found(await begin(true, level, LOOK, env), level),
  ];
  expect(executed.error).toBeUndefined();
  const { namespaces: ofExecuted, closeOnExec: _inherited, path: executedPath, processes, ...whatExecuted } = executed;
  const { namespaces, closeOnExec, path, processes: seenProcesses, ...whatForked } = forked;
  if (level === 'untrusted') expect(seenProcesses).toEqual(processes);
  expect(whatForked).toEqual(whatExecuted);
  expect(closeOnExec).toBe(true);
  expect(executedPath.slice(0, path.length)).toEqual(path); // and our folder, where the package is
  return { namespaces, ofExecuted };
}

test.for(['contained', 'untrusted'] as const)('%s: it finds what an executed one finds', async (level, { skip }) => {
  if (level === 'untrusted' && lacking.length > 0) skip(`this host lacks ${lacking.join(', ')}`);
  const { namespaces, ofExecuted } = await compare(level);
  for (const name of NAMESPACES) {
    const isOwn = namespaces[name] !== readlinkSync(`/proc/self/ns/${name}`);
    expect([name, isOwn]).toEqual([name, level === 'untrusted']);
    if (isOwn) expect(namespaces[name]).not.toBe(ofExecuted[name]);
  }
});

test.for([
  ['PYTHONFAULTHANDLER=1'],
  ['PYTHONDONTWRITEBYTECODE=1'],
  ['PYTHONUNBUFFERED=1', 'PYTHONIOENCODING=latin-1:replace', 'PYTHONUTF8=0'],
  ['PYTHONWARNINGS=error::ResourceWarning', 'PYTHONOPTIMIZE=2'],
  ['PYTHONDEVMODE=1'],
  ['PYTHONPYCACHEPREFIX=/var/tmp/none', 'PYTHONINTMAXSTRDIGITS=5000', 'PYTHONPATH=/usr/share'],
  ['LC_ALL=C', 'PYTHONNOUSERSITE=1', 'PYTHONHASHSEED=7'],
  ['LC_ALL=POSIX'],
  ['LANG=C', 'PYTHONUTF8=1'],
  ['PYTHONSAFEPATH=1'], // then nothing is found beside a program; since Python 3.11
])('so it does where it starts with %s', async (env, { skip }) => {
  await compare('contained', env);
  if (lacking.length > 0) skip(`untrusted: this host lacks ${lacking.join(', ')}`);
  await compare('untrusted', env);
});

test('nothing of what one has loaded or set is in another, nor in the zygote', async () => {
  const leave = `
import json, os, sys
json.left = "here"
os.environ["LEFT"] = "here"
sys.modules["left"] = json
def validate(event, context):
    return {"reason": "left"}
`;
  await begin(true, 'contained', leave);
  const look = `
import json, os, sys
def validate(event, context):
    return {"reason": "%s %s %s" % (hasattr(json, "left"), "LEFT" in os.environ, "left" in sys.modules)}
`;
  const stage = await begin(true, 'contained', look);
  const answers = await stage.heard.answer(stage.link.ask(question('x')));
  expect(answers).toEqual([{ kind: 'answered', verdict: { reason: 'False False False' } }]);
});

test('a module of its own that is called as a part of ours is found, as by an executed one', async () => {
  const imports = `
import resident
def validate(event, context):
    return {"reason": resident.WHOSE}
`;
  for (const isForked of [false, true]) {
    const stage = await begin(isForked, 'contained', imports, [], { 'resident.py': 'WHOSE = "its own"\n' });
    const answers = await stage.heard.answer(stage.link.ask(question('x')));
    expect(answers).toEqual([{ kind: 'answered', verdict: { reason: 'its own' } }]);
  }
});

/** Of the process that is seen from outside: it only waits for the one in the sandbox. */
test.skipIf(process.getuid?.() !== 0)(
  'the processes around it keep nothing of what it was forked with',
  async ({ skip }) => {
    if (lacking.length > 0) skip(`this host lacks ${lacking.join(', ')}`);
    const { pid } = await begin(true, 'untrusted');
    const init = childOf(pid);
    expect([pid, init].map((one) => [one, anonymousKb(one) < AROUND_MAX_KB])).toEqual([
      [pid, true],
      [init, true],
    ]);
    expect(anonymousKb(childOf(init))).toBeGreaterThan(AROUND_MAX_KB);
  },
);

test('a worker in a sandbox that is killed from outside takes all in it along', async ({ skip }) => {
  if (lacking.length > 0) skip(`this host lacks ${lacking.join(', ')}`);
  const forks = `
import os, time
pid = os.fork()
if pid == 0:
    os.setsid()
    time.sleep(60)
    os._exit(0)
def validate(event, context):
    return {"reason": os.readlink("/proc/self/ns/pid")}
`;
  const stage = await begin(true, 'untrusted', forks);
  const [answer] = await stage.heard.answer(stage.link.ask(question('x')));
  const namespace = answer?.kind === 'answered' ? answer.verdict.reason : undefined;
  expect(namespace).toMatch(/^pid:/);
  process.kill(stage.pid, SIGKILL);
  expect(await stage.ended()).toMatchObject({ signal: SIGKILL });
  await waitFor('the end of all in its namespace', async () => !inNamespace(String(namespace)) || undefined);
});

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1'));
}

function anonymousKb(pid: number): number {
  return Number(/^Anonymous:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1]);
}

function inNamespace(namespace: string): boolean {
  return readdirSync('/proc').some((name) => {
    try {
      return readlinkSync(`/proc/${name}/ns/pid`) === namespace;
    } catch {
      return false; // no process, or gone
    }
  });
}
