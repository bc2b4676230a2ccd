/* Ordinary work of hooks inside all of it: what runs as before, and what a hook cannot do any more. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"
#include "harness.h"
#include "sandbox_fixture.h"

struct work {
  uint32_t cases;
  const char *program; /* found on PATH */
  const char *argv[8];
};

/* Everything but namespaces: what is left on a host that gives none. The whole system may be read, one folder written. */
static int confine(uint32_t cases)
{
  const struct sandbox_rule rules[] = {
    { "/", -1, SANDBOX_READ | SANDBOX_EXECUTE },
    { "/dev", -1, SANDBOX_READ | SANDBOX_WRITE },
    { in_folder("inside"), -1, SANDBOX_READ | SANDBOX_EXECUTE | SANDBOX_WRITE },
  };
  int status = sandbox_new_keyring();
  if (status == 0) status = sandbox_lower_rlimits(sandbox_rlimits, sandbox_rlimit_count);
  if (status == 0) status = sandbox_close_from(3);
  if (status == 0) status = sandbox_no_new_privs();
  if (status == 0 && geteuid() == 0) status = sandbox_lock_privileges();
  if (status == 0) status = sandbox_drop_capabilities();
  if (status == 0) status = restrict_files(rules, sizeof rules / sizeof rules[0], 0);
  return status < 0 ? status : restrict_calls(cases);
}

static int run_confined(void *argument)
{
  const struct work *work = argument;
  if (chdir(in_folder("inside")) < 0 || confine(work->cases) < 0) return __LINE__;
  int status;
  pid_t pid = fork(); /* as a shell's child, so that the rules for a group are the real ones */
  if (pid == 0) {
    setenv("HOME", in_folder("inside"), 1);
    setenv("TMPDIR", in_folder("inside"), 1);
    unsetenv("NODE_EXTRA_CA_CERTS");
    dup2(2, 1); /* what goes wrong is seen in the test's log; the count is on 1 */
    execvp(work->program, (char *const *)work->argv);
    _exit(125);
  }
  return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

/* Outside of `inside` nothing may be written, and what a broken sandbox lets through goes with the folder. */
static void make_places(void)
{
  make_folder();
  CHECK_EQUAL(mkdir(in_folder("inside"), 0777) | chmod(in_folder("inside"), 0777), 0);
}

static int is_installed(const char *program)
{
  char command[128];
  snprintf(command, sizeof command, "command -v %s >/dev/null", program);
  return system(command) == 0;
}

static void works(uint32_t cases, const char *program, const char *option, const char *text)
{
  if (!is_installed(program)) harness_skip("the program is not installed");
  landlock_abi_or_skip(1);
  make_places();
  struct work work = { cases, program, { program, option, text } };
  int as_we_are = in_child(run_confined, &work), as_user = in_ordinary_child(run_confined, &work);
  remove_folder();
  CHECK_EQUAL(as_we_are, 0);
  CHECK_EQUAL(as_user, 0);
}

#define USUAL (FILTER_SHARED_PIDS | FILTER_SHARED_IPC | FILTER_INET_SOCKETS)

TEST(pipelines_of_a_shell)
{
  works(USUAL, "bash", "-c", "set -e -o pipefail; umask 022\n"
    "[ \"$(printf 'b\\na\\n' | sort | tr '\\n' ' ')\" = 'a b ' ]\n"
    "(sleep 60 & pid=$!; kill $pid; wait $pid) && exit 1 || [ $? = 143 ]\n"
    "cat <(echo sub) > out; [ \"$(cat out)\" = sub ]; mv out out2; rm out2\n"
    "trap 'exit 0' TERM; kill -TERM $$; exit 1");
}

TEST(python_with_threads_processes_and_sockets)
{
  works(USUAL, "/usr/bin/python3", "-c",
    "import threading, subprocess, multiprocessing, socket, tempfile, os, sqlite3, json, resource, asyncio\n"
    "got = []\n"
    "t = [threading.Thread(target=got.append, args=(i,)) for i in range(8)]\n"
    "[x.start() for x in t]; [x.join() for x in t]; assert sorted(got) == list(range(8))\n"
    "assert subprocess.run(['sh', '-c', 'cat'], input=b'x', capture_output=True, check=True).stdout == b'x'\n"
    "p = subprocess.Popen(['sleep', '60']); p.terminate(); assert p.wait() == -15\n"
    "with multiprocessing.get_context('fork').Pool(2) as pool: assert pool.map(abs, [-1, -2]) == [1, 2]\n"
    "a, b = socket.socketpair(); a.send(b'x'); assert b.recv(1) == b'x'\n"
    "s = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(s.getsockname()); s.accept()\n"
    "with tempfile.TemporaryDirectory() as d: sqlite3.connect(d + '/x').execute('create table t(a)')\n"
    "async def f(): return await (await asyncio.create_subprocess_exec('true')).wait()\n"
    "assert asyncio.run(f()) == 0\n"
    "resource.setrlimit(resource.RLIMIT_CPU, (60, 60)); os.nice(1); os.sched_setaffinity(0, os.sched_getaffinity(0))\n");
}

TEST(node_with_workers_children_and_sockets)
{
  works(USUAL, "node", "-e",
    "const { execFileSync, spawn } = require('child_process'), fs = require('fs'), { Worker } = require('worker_threads');\n"
    "const check = (ok) => { if (!ok) process.exit(1); };\n"
    "check(Object.keys(require('os').networkInterfaces()).length >= 0);\n"
    "check(execFileSync('cat', { input: 'x' }).toString() === 'x');\n"
    "fs.writeFileSync('f', 'x'); fs.renameSync('f', 'g'); fs.promises.rm('g').then(() => {\n"
    "  new Worker('require(\"worker_threads\").parentPort.postMessage(7)', { eval: true }).on('message', (n) => {\n"
    "    check(n === 7);\n"
    "    const server = require('net').createServer((s) => s.end('hi')).listen(0, '127.0.0.1', () =>\n"
    "      require('net').connect(server.address().port, '127.0.0.1').on('data', (d) => { check(`${d}` === 'hi');\n"
    "        const child = spawn('sleep', ['60']); child.kill(); child.on('exit', (_, s) => { check(s === 'SIGTERM');\n"
    "        process.exit(0); }); }));\n"
    "  });\n"
    "});");
}

TEST(git_commits_moves_and_packs)
{
  if (!is_installed("git")) harness_skip("git is not installed");
  works(USUAL, "sh", "-c", "set -e; cd $(mktemp -d ./XXXXXX); git init -q .; git config user.email a@b; git config user.name a\n"
    "mkdir d; echo 1 > d/f; git add .; git commit -qm one; git mv d/f g; git commit -qm two; git gc -q; ! git diff --quiet HEAD~1\n"
    "[ $(git log --oneline | grep -c .) = 2 ]");
}

static const char attack[] =
  "import ctypes, os, socket, sys\n"
  "libc = ctypes.CDLL(None, use_errno=True)\n"
  "def tries(what, f):\n"
  "    try: f()\n"
  "    except OSError: return\n"
  "    sys.exit('allowed: ' + what)\n"
  "parent = int(open('/proc/%d/stat' % os.getppid()).read().rsplit(')')[1].split()[1])\n" /* the test's own process */
  "tries('mem', lambda: open('/proc/%d/mem' % parent, 'rb').read(1))\n"
  "tries('environ', lambda: open('/proc/%d/environ' % parent, 'rb').read())\n"
  "tries('fd', lambda: open('/proc/%d/fd/1' % parent, 'wb'))\n"
  "tries('write', lambda: open('../outside', 'w'))\n"
  "tries('a way around', lambda: open('/dev/shm/../../' + os.path.realpath('..') + '/outside', 'w'))\n"
  "tries('unix', lambda: socket.socket(socket.AF_UNIX))\n"
  "tries('vsock', lambda: socket.socket(socket.AF_VSOCK))\n"
  "tries('priority', lambda: os.setpriority(os.PRIO_PROCESS, parent, 19))\n"
  "tries('affinity', lambda: os.sched_setaffinity(parent, {0}))\n"
  "for name, *args in [('ptrace', 16, parent, 0, 0), ('unshare', 0x10000000), ('setns', 0, 0), ('chroot', b'/'),\n"
  "                    ('mount', b'a', b'/tmp', b'tmpfs', 0, b''), ('personality', 0x40000), ('setuid', 0 if os.getuid() else 1)]:\n"
  "    if getattr(libc, name)(*args) != -1: sys.exit('allowed: ' + name)\n";

TEST(what_a_hook_tries_against_those_around_it_fails)
{
  works(USUAL, "/usr/bin/python3", "-c", attack);
}

static int signal_the_parent(void *unused)
{
  (void)unused;
  EXPECT(confine(USUAL) == 0);
  EXPECT_ERRNO(kill(getppid(), 0), EPERM);
  EXPECT_ERRNO(kill(getppid(), SIGKILL), EPERM);
  return 0;
}

TEST(the_parent_gets_no_signal_from_inside)
{
  landlock_abi_or_skip(6);
  make_places();
  int as_we_are = in_child(signal_the_parent, NULL), as_user = in_ordinary_child(signal_the_parent, NULL);
  remove_folder();
  CHECK_EQUAL(as_we_are, 0);
  CHECK_EQUAL(as_user, 0);
}
