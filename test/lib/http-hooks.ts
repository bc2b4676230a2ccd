/** A daemon that serves http hooks, and how an agent asks it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type Agent, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { HttpStatus } from '../../supervisor/contract/http.js';
import { TestDaemon, TestHome } from './daemon.js';

export interface GivenHook {
  command: string;
  args?: string[];
  timeoutMs?: number;
  level?: string;
  onFailure?: 'continue' | 'block';
}

export interface HttpReply {
  status: number;
  body: string;
  /** Of our end of the connection. */
  localPort: number;
}

export class HttpDaemon {
  private constructor(
    readonly daemon: TestDaemon,
    readonly port: number,
    readonly token: string,
    readonly project: string,
  ) {}

  static async start(hooks: Readonly<Record<string, GivenHook>>, port = 0): Promise<HttpDaemon> {
    const home = new TestHome();
    configureHttp(home, hooks, port);
    const project = join(home.root, 'project');
    mkdirSync(join(project, '.git'), { recursive: true });
    const daemon = TestDaemon.startIn(home);
    const { http } = await daemon.status();
    return new HttpDaemon(daemon, http?.port ?? 0, tokenOf(home), project);
  }

  async status(): Promise<HttpStatus> {
    const { http } = await this.daemon.status();
    if (http === null) throw new Error('http hooks are not served');
    return http;
  }

  event(name: string, more: object = {}): string {
    return JSON.stringify({ session_id: 's', hook_event_name: name, cwd: this.project, ...more });
  }

  /** As an agent does. @param stop ends the wait for the answer. */
  ask(hook: string, body: string, options: { agent?: Agent; headers?: object; stop?: AbortSignal } = {}) {
    const { agent, headers, stop } = options;
    return new Promise<HttpReply>((resolve, reject) => {
      const asked = request({
        ...{ host: '127.0.0.1', port: this.port, method: 'POST', path: `/hook/${hook}` },
        ...(stop && { signal: stop }),
        agent: agent ?? false,
        headers: {
          Authorization: `Bearer ${this.token}`,
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
          ...headers,
        },
      });
      asked.on('error', reject);
      asked.on('response', (answer) => {
        const localPort = answer.socket.localPort ?? 0;
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (piece: string) => {
          text += piece;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text, localPort }));
      });
      asked.end(body);
    });
  }

  /** These very bytes -> all that comes back until the daemon closes, or for so long. */
  raw(bytes: string, waitMs = 2_000): Promise<{ text: string; isClosed: boolean }> {
    return new Promise((resolve) => {
      let text = '';
      const socket = connect(this.port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
      const end = (isClosed: boolean) => {
        clearTimeout(timer);
        socket.destroy();
        resolve({ text, isClosed });
      };
      const timer = setTimeout(() => end(false), waitMs);
      socket.setEncoding('latin1');
      socket.on('data', (piece: string) => {
        text += piece;
      });
      socket.on('error', () => end(true));
      socket.on('end', () => end(true));
    });
  }

  /** The head of a request that is served, but for its length. */
  head(hook: string): string {
    const host = `Host: 127.0.0.1:${this.port}`;
    const lines = [`POST /hook/${hook} HTTP/1.1`, host, `Authorization: Bearer ${this.token}`];
    return [...lines, 'Content-Type: application/json', ''].join('\r\n');
  }
}

export function configureHttp(home: TestHome, hooks: Readonly<Record<string, GivenHook>>, port: number): void {
  const folder = join(home.home, '.config/hook-supervisor');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ http: { on: true, port, hooks } }), { mode: 0o600 });
}

export function tokenOf(home: TestHome): string {
  return readFileSync(join(home.home, '.local/state/hook-supervisor/http-token'), 'latin1').trim();
}
