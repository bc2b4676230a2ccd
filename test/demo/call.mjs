// Starts a hook the way agents do: by a shell, in a session of its own, with piped stdio and the whole event on stdin.
import { spawn } from 'node:child_process';

const CALL_TIMEOUT_MS = 20_000;

/** { status, stdout, stderr, tookMs }; status is "exit 2" or "signal SIGTERM". */
export function call(command, { stdin, cwd, env }) {
  return new Promise((resolve, reject) => {
    const startedAtMs = performance.now();
    const child = spawn('/bin/sh', ['-c', command], { cwd, env, detached: true, timeout: CALL_TIMEOUT_MS });
    const stdout = [];
    const stderr = [];
    child.stdout.on('data', (bytes) => stdout.push(bytes));
    child.stderr.on('data', (bytes) => stderr.push(bytes));
    child.stdin.on('error', () => {}); // a hook may end without reading its event
    child.stdin.end(stdin);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const status = signal === null ? `exit ${code}` : `signal ${signal}`;
      const tookMs = performance.now() - startedAtMs;
      resolve({ status, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr), tookMs });
    });
  });
}

/** One word of shell text, whatever the text. */
export function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
