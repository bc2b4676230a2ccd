// One call, directly or through the client, as an agent makes it: own session, piped stdio, until both outputs are closed.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENT } from '../bench/supervisor.mjs';

const HUNG_AFTER_MS = 120_000;
const BETWEEN_PARTS_MS = 80;
/** Pids of what Node itself waits for. */
export const awaited = new Set();

/** { code, signal, stdout, stderr, isHung }: outputs are byte strings. */
export function makeCall(call, { isDirect, env, cwd }) {
  const program = isDirect ? directly(call.command) : throughClient(call);
  const [file, ...args] = [...(call.through ?? []), ...program];
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...env, ...call.env }, cwd, detached: true });
    awaited.add(child.pid);
    const output = { stdout: [], stderr: [] };
    let isHung = false;
    const timer = setTimeout(() => {
      isHung = true;
      child.kill('SIGKILL');
      for (const stream of [child.stdout, child.stderr]) stream.destroy(); // a hook may still hold them
    }, HUNG_AFTER_MS);
    child.stdout.on('data', (bytes) => {
      output.stdout.push(bytes);
      if (call.act?.atOutput) child.kill(call.act.kill);
    });
    child.stderr.on('data', (bytes) => output.stderr.push(bytes));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const [stdout, stderr] = [output.stdout, output.stderr].map((parts) => Buffer.concat(parts).toString('latin1'));
      resolve({ code, signal, stdout, stderr, isHung });
    });
    child.on('exit', () => {
      awaited.delete(child.pid);
      // Whoever kills a hook does not wait for what it has started.
      if (isDirect && call.act?.kill !== undefined) killGroup(child.pid);
    });
    if (call.act?.afterMs !== undefined) setTimeout(() => child.kill(call.act.kill), call.act.afterMs);
    child.stdin.on('error', () => {}); // a hook may end without reading its event
    write(child.stdin, call.stdin);
  });
}

function directly(command) {
  return typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
}

function throughClient({ command, options = [] }) {
  const words = typeof command === 'string' ? ['sh', ...options, command] : ['run', ...options, '--', ...command];
  return [CLIENT, ...words];
}

async function write(stdin, [first, ...later]) {
  if (later.length === 0) return stdin.end(first);
  stdin.write(first);
  for (const part of later) {
    await sleep(BETWEEN_PARTS_MS);
    stdin.write(part);
  }
  return stdin.end();
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // nobody of it is left
  }
}
