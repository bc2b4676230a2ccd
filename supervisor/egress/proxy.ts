/** The proxy behind the doors of one sandbox's processes: one HTTP server for each door. */
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { LIMITS } from '../contract/limits.js';
import { refuseOn } from './answer.js';
import { forward } from './forward.js';
import { tunnel } from './tunnel.js';
import { MALFORMED, type WaysOptions, wayFinder } from './ways.js';

export interface Door {
  /** It does not listen yet. */
  server: Server;
  /** Its connections end, too. */
  close(): void;
}

export function createProxy(options: WaysOptions): () => Door {
  const find = wayFinder(options);
  let open = 0;

  return () => {
    const sockets = new Set<Socket>();
    const server = createServer({
      maxHeaderSize: LIMITS.egressHeaderMaxBytes,
      headersTimeout: LIMITS.egressHeadersTimeoutMs,
      connectionsCheckingInterval: LIMITS.egressHeadersTimeoutMs / 2,
      keepAliveTimeout: LIMITS.egressHeadersTimeoutMs,
    });
    server.maxConnections = LIMITS.egressConnectionsPerDoorMax;
    server.on('connection', (socket) => {
      // Of all doors together: one hook's flood must not take the descriptors of the next.
      if (open >= LIMITS.egressConnectionsMax) return void socket.destroy();
      open++;
      sockets.add(socket);
      socket.setTimeout(LIMITS.egressIdleTimeoutMs, () => socket.destroy());
      socket.once('close', () => {
        open--;
        sockets.delete(socket);
      });
    });
    server.on('request', (request, response) => void forward(request, response, find));
    server.on('connect', (request, client, head) => void tunnel(request, client, head, find));
    server.on('clientError', (_error, client) => refuseOn(client, MALFORMED));
    return {
      server,
      close() {
        server.close();
        for (const socket of sockets) socket.destroy();
      },
    };
  };
}
