/** The listener for agents' `http` hooks: HTTP/1.1 on 127.0.0.1, for whoever has the token. Node's parser is the strict one; what
 *  it lets pass is judged before a byte of the body is read. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { HTTP_ADDRESS, type HttpRefusal, type HttpStatus } from '../contract/http.js';
import { LIMITS } from '../contract/limits.js';
import { judge, type Refused } from './judge.js';
import { peerUid } from './peer-uid.js';
import { Visitors } from './visitors.js';

export interface HttpOptions {
  /** 0: any that is free. */
  port: number;
  /** A socket of another daemon that listens there already, instead. */
  inheritedFd: number | undefined;
  uid: number;
  isRightToken(header: string | undefined): boolean;
  /** The whole body of a request that is served. @returns what to do when nobody waits any more. */
  onEvent(name: string, body: Buffer, reply: Reply): () => void;
  onRefused(refused: Refused): void;
}

export interface Reply {
  answer(status: number, body: Buffer): void;
  refuse(refused: Refused): void;
}

export interface HttpListener {
  status(): Omit<HttpStatus, 'answered' | 'failed'>;
  /** Of its socket, for a successor. */
  descriptor(): number;
  /** Serves what it has begun, and nothing new. */
  close(): void;
}

/** @throws Error with code if the port cannot be had. */
export async function openHttp(options: HttpOptions): Promise<HttpListener> {
  const visitors = new Visitors(LIMITS.httpConnectionsMax);
  const refusals: Partial<Record<HttpRefusal, number>> = {};
  let running = 0;
  let bodyBytes = 0;
  let port = 0;
  let isClosed = false;
  /** Connections that have had their last answer: what was sent on them behind that request is none. */
  const over = new WeakSet<Socket>();
  /** Connections with a request that runs: of one behind it Node would not tell when its client has gone. */
  const engaged = new WeakSet<Socket>();

  const server = createServer({
    maxHeaderSize: LIMITS.httpHeaderMaxBytes,
    headersTimeout: LIMITS.httpHeadTimeoutMs,
    requestTimeout: LIMITS.httpRequestTimeoutMs,
    keepAliveTimeout: LIMITS.httpIdleTimeoutMs,
    connectionsCheckingInterval: LIMITS.httpTimeoutLookEveryMs,
    insecureHTTPParser: false,
  });
  server.maxHeadersCount = LIMITS.httpHeadersMax;
  server.on('connection', (socket: Socket) => visitors.add(socket));
  server.on('request', onRequest);
  server.on('checkContinue', onRequest);
  server.on('checkExpectation', onRequest);
  for (const event of ['connect', 'upgrade', 'clientError'] as const) {
    server.on(event, (...args: unknown[]) => (args.find(isSocket) as Socket | undefined)?.destroy());
  }

  function refuse(response: ServerResponse, refused: Refused): void {
    const { status, because, what } = refused;
    refusals[because] = (refusals[because] ?? 0) + 1;
    options.onRefused(refused);
    send(response, status, Buffer.from(`hook-supervisor: ${what}\n`), true);
  }

  function onRequest(request: IncomingMessage, response: ServerResponse): void {
    const { httpVersion, method = '', url = '', rawHeaders, socket } = request;
    if (over.has(socket)) return;
    const rules = { port, bodyMaxBytes: LIMITS.httpBodyMaxBytes, isRightToken: options.isRightToken };
    const judged = judge({ httpVersion, method, url, rawHeaders }, rules);
    if (!judged.ok) {
      refuse(response, judged.refused);
      return;
    }
    if (!visitors.isKnown(socket) && peerUid(port, socket.remotePort ?? 0) !== options.uid) {
      refuse(response, { status: 403, because: 'user', what: 'the token belongs to another user' });
      return;
    }
    visitors.know(socket);
    const { name, lengthBytes } = judged;
    const hasRoom = running < LIMITS.httpRunningMax && bodyBytes + lengthBytes <= LIMITS.httpBodiesMaxBytes;
    if (!hasRoom || isClosed) {
      const what = isClosed ? 'the supervisor is stopping' : 'too many hooks are running';
      refuse(response, { status: 503, because: 'busy', what });
      return;
    }
    if (engaged.has(socket)) {
      refuse(response, { status: 400, because: 'busy', what: 'one request at a time' });
      return;
    }
    engaged.add(socket);
    running++;
    bodyBytes += lengthBytes;
    const pieces: Buffer[] = [];
    let gone = () => {};
    response.once('close', () => {
      engaged.delete(socket);
      running--;
      bodyBytes -= lengthBytes;
      if (!response.writableFinished) gone();
    });
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      gone = options.onEvent(name, Buffer.concat(pieces), {
        answer: (status, body) => send(response, status, body, isClosed),
        refuse: (refused) => refuse(response, refused),
      });
    });
  }

  function send(response: ServerResponse, status: number, body: Buffer, isLast: boolean): void {
    if (isLast) over.add(response.req.socket);
    response.writeHead(status, {
      ...{ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' },
      'Content-Type': status === 200 ? 'application/json' : 'text/plain',
      'Content-Length': body.length,
      ...(isLast && { Connection: 'close' }),
    });
    response.end(body);
  }

  await listening(server, options);
  port = (server.address() as { port: number }).port;
  return {
    status: () => ({
      ...{ port, running, refused: { ...refusals } },
      ...{ connections: visitors.count, crowdedOut: visitors.crowdedOut },
    }),
    descriptor: () => descriptorOf(server),
    close() {
      isClosed = true;
      server.close();
      server.closeIdleConnections();
    },
  };
}

function listening(server: Server, { inheritedFd, port }: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', resolve);
    server.listen(inheritedFd === undefined ? { host: HTTP_ADDRESS, port } : { fd: inheritedFd });
  });
}

/** Node tells it nowhere else. */
function descriptorOf(server: Server): number {
  return (server as unknown as { _handle: { fd: number } | null })._handle?.fd ?? -1;
}

function isSocket(value: unknown): boolean {
  return typeof (value as Partial<Socket> | null)?.destroySoon === 'function';
}
