/** The trust that Codex keeps of each hook, given as its own window gives it: by a line of config.toml with the digest that Codex
 *  tells. */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface TrustedHook {
  key: string;
  command: string;
  currentHash: string;
  trustStatus: string;
}

const ANSWER_TIMEOUT_MS = 20_000;

/** What Codex says of the hooks that it finds in a folder. */
export async function hooksOfCodex(program: string, env: NodeJS.ProcessEnv, cwd: string): Promise<TrustedHook[]> {
  const server = spawn(program, ['app-server'], {
    ...{ env, cwd, timeout: ANSWER_TIMEOUT_MS, killSignal: 'SIGKILL' as const },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const send = (message: object) => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  try {
    send({ id: 1, method: 'initialize', params: { clientInfo: { name: 'test', version: '1' } } });
    send({ method: 'initialized' });
    send({ id: 2, method: 'hooks/list', params: { cwds: [cwd] } });
    for await (const line of createInterface({ input: server.stdout })) {
      const { id, result } = JSON.parse(line) as { id?: number; result?: { data: { hooks: TrustedHook[] }[] } };
      if (id === 2) return result?.data.flatMap(({ hooks }) => hooks) ?? [];
    }
    throw new Error('codex app-server ended without an answer');
  } finally {
    server.kill('SIGKILL');
  }
}

export function trust(codexHome: string, hooks: readonly TrustedHook[]): void {
  for (const { key, currentHash } of hooks) {
    const table = `\n[hooks.state.${JSON.stringify(key)}]\ntrusted_hash = ${JSON.stringify(currentHash)}\n`;
    appendFileSync(join(codexHome, 'config.toml'), table);
  }
}
