// What is called, and how often. A nonce goes in by stdin, by an argument or by the environment, and comes out again, so
// that one call's answer cannot pass for another's. A call that differs from an earlier one in its stdin only is answered
// by the switchboard, every other one by the daemon's JavaScript.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HOOKS = fileURLToPath(new URL('hooks', import.meta.url));
/** None of those that dump core, or stop. */
const SIGNALS = ['HUP', 'INT', 'KILL', 'USR1', 'USR2', 'PIPE', 'ALRM', 'TERM'];
const LARGE_BYTES = 1024 * 1024;
const EARLY_MAX_MS = 8;
/** With a real pipe, where Node has socket pairs: one that is closed unread answers its writer in another way. */
const READ_SOME = ['/bin/bash', '-c', '"$@" | head -c 4096; exit "${PIPESTATUS[0]}"', 'bash'];

/**
 * [{ name, share, variants, call(nonce, variant) }]; share: of all calls, in parts. What a call is:
 * command  words, or a text for /bin/sh
 * stdin    [part]: there is a pause between two parts
 * options  of the client
 * act      what happens to the call: { kill: SIGNAL, atOutput: true } or { kill: SIGNAL, afterMs }
 * through  words that run the command, or the client, in their own way
 * expect   where no direct run can tell: { code, signal, stderr: RegExp }
 */
export function kindsOf({ programs, python, folder }) {
  const hooks = join(folder, 'hooks');
  mkdirSync(hooks);
  for (const name of readdirSync(HOOKS)) copyFileSync(join(HOOKS, name), join(hooks, name));
  const hook = (name) => join(hooks, name);
  const event = (nonce) =>
    `${JSON.stringify({ tool_name: 'Bash', tool_input: { command: 'npm test' }, tool_use_id: nonce })}\n`;
  const kind = (share, name, call, variants = 1) => ({ share, name, call, variants });
  /** `command` may hold the nonce's place, `stdin` is made of it. */
  const plain = (share, name, command, stdin = event, more = {}) =>
    kind(share, name, (nonce) => ({ command, stdin: [stdin(nonce)], ...more }));
  const itself = (nonce) => nonce;
  const large = (nonce) => nonce.repeat(LARGE_BYTES / nonce.length);

  return [
    plain(20, 'no-op', [programs.echo]),
    plain(8, 'no-op, 1 MiB each way', [programs.echo], large),
    kind(4, 'no-op, stdin late', (nonce) => ({ command: [programs.echo], stdin: [nonce, event(nonce)] })),
    plain(8, 'bash', ['/bin/bash', programs.builtins]),
    kind(
      10,
      'bash, exit code',
      (nonce, code) => ({ command: ['/bin/bash', hook('status.sh'), 'exit', String(code)], stdin: [nonce] }),
      256,
    ),
    kind(
      5,
      'bash, death by signal',
      (nonce, i) => ({ command: ['/bin/bash', hook('status.sh'), 'kill', SIGNALS[i]], stdin: [nonce] }),
      SIGNALS.length,
    ),
    kind(3, 'bash, 1 MiB that nobody reads, nonce in the environment', (nonce) => ({
      command: ['/bin/bash', '-c', 'printf %s "$NONCE"'],
      env: { NONCE: nonce },
      stdin: [large(nonce)],
    })),
    plain(2, 'bash, background child that holds stdout', ['/bin/bash', hook('background.sh'), 'holds'], itself),
    plain(2, 'bash, background child that goes on', ['/bin/bash', hook('background.sh'), 'free'], itself),
    kind(3, 'yes, stdout closed early', (nonce) => ({ command: ['yes', nonce], stdin: [''], through: READ_SOME })),

    plain(14, 'python', [python.file, programs.imports]),
    kind(2, 'python, nonce as argument', (nonce) => ({
      command: [python.file, '-c', 'import sys; print(sys.argv[1])', nonce],
      stdin: [''],
    })),
    kind(
      4,
      'python, exit code',
      (nonce, i) => ({ command: [python.file, hook('status.py'), String(i * 51)], stdin: [nonce] }),
      6,
    ),
    plain(4, 'python, traceback', [python.file, hook('fail.py')], itself),
    plain(3, 'python, large', [python.file, hook('large.py')], large),
    plain(2, 'python, background child that goes on', [python.file, hook('background.py')], itself),
    plain(4, 'node, CommonJS', [process.execPath, programs.commonJs]),
    plain(3, 'node, ES module', [process.execPath, programs.esModule]),
    plain(1, 'node, exception', [process.execPath, hook('fail.cjs')], itself),
    kind(
      1,
      'node, exit code',
      (nonce, i) => ({ command: [process.execPath, hook('status.mjs'), String(i * 51)], stdin: [nonce] }),
      6,
    ),

    plain(6, 'sh text that is one command', `python3 "$SOAK_PROJECT"/hooks/status.py 3`, itself, {
      env: { SOAK_PROJECT: folder },
    }),
    plain(4, 'sh text that needs its shell', 'read -r first; printf "%s\\n" "$first" | tr a-z A-Z; exit 4', event),
    kind(2, 'sh text, nonce in the environment', (nonce) => ({
      command: 'echo "$NONCE" >&2; false',
      env: { NONCE: nonce },
      stdin: [''],
    })),

    kind(2, 'timeout', (nonce) => ({
      command: ['/bin/sh', '-c', 'sleep 60 & sleep 60', nonce],
      options: ['--timeout', '300ms'],
      stdin: [nonce],
      expect: { code: 1, signal: null, stderr: /^hook-supervisor: hook stopped: no end within \d+ ms\n$/ },
    })),
    kind(2, 'client killed', (nonce) => ({
      command: ['/bin/sh', '-c', 'echo "$0"; sleep 60 & sleep 60', nonce],
      stdin: [nonce],
      act: { kill: 'SIGKILL', atOutput: true },
    })),
    kind(2, 'client told to end', (nonce) => ({
      command: [python.file, '-c', 'import sys, time; print(sys.argv[1], flush=True); time.sleep(60)', nonce],
      stdin: [''],
      act: { kill: 'SIGTERM', atOutput: true },
    })),
    kind(
      3,
      'client killed at any moment',
      (nonce, afterMs) => ({
        command: ['/bin/bash', programs.builtins],
        stdin: [event(nonce)],
        act: { kill: 'SIGKILL', afterMs },
      }),
      EARLY_MAX_MS,
    ),
  ];
}

/** Which kind and variant each call is. */
export function picker(kinds, random = Math.random) {
  const parts = kinds.flatMap((kind) => Array.from({ length: kind.share }, () => kind));
  const below = (max) => Math.floor(random() * max);
  return () => {
    const kind = parts[below(parts.length)];
    return { kind, variant: below(kind.variants) };
  };
}
