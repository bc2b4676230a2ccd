/** The model: a server on loopback that answers each turn by the next line of a script, and keeps what it was told. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the model wants next: a command run by the agent's shell tool, or to have said its last word. */
export type Turn = { command: string } | { text: string };

/** How one vendor's agents speak with their model. */
export interface ModelProtocol {
  /** Of requests that ask for a turn. */
  path: RegExp;
  /** The events of one answer, each as it stands behind `data: `. */
  events(turn: Turn, at: number): object[];
  /** What a request tells of the talk so far. */
  talk(body: Record<string, unknown>): unknown;
}

const LAST_WORD: Turn = { text: 'nothing more' };
const BODY_MAX_BYTES = 16 * 1024 * 1024;

export class ModelServer {
  /** One for each turn. */
  talks: unknown[] = [];
  #turns: readonly Turn[] = [];
  readonly #server: Server;

  private constructor(readonly protocol: ModelProtocol) {
    this.#server = createServer((request, response) => {
      readBody(request).then(
        (body) => this.#answer(request.url ?? '', body, response),
        () => response.destroy(),
      );
    });
  }

  static async start(protocol: ModelProtocol): Promise<ModelServer> {
    const server = new ModelServer(protocol);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Forgets the last session. */
  play(turns: readonly Turn[]): void {
    this.#turns = turns;
    this.talks = [];
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(url: string, body: string, response: ServerResponse): void {
    if (!this.protocol.path.test(url)) {
      response
        .writeHead(404, { 'content-type': 'application/json' })
        .end('{"error":{"code":404,"message":"not here"}}');
      return;
    }
    const turn = this.#turns[this.talks.length] ?? LAST_WORD;
    this.talks.push(this.protocol.talk(JSON.parse(body) as Record<string, unknown>));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of this.protocol.events(turn, this.talks.length)) {
      response.write(`data: ${JSON.stringify(event)}\n\n`);
    }
    response.end();
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let lengthBytes = 0;
  for await (const chunk of request) {
    lengthBytes += (chunk as Buffer).length;
    if (lengthBytes > BODY_MAX_BYTES) throw new Error('more than any agent sends');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}
