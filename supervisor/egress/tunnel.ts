/** CONNECT: bytes in both directions, as they come. What they are is the hook's and the host's affair. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { parsePort } from '../contract/allow-list.js';
import { refuseOn } from './answer.js';
import { type Target, targetOf } from './judge.js';
import { connectPinned } from './pinned.js';
import { type FindWay, unreachable } from './ways.js';

const AUTHORITY = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/@?#\s]+)):(\d{1,5})$/;

export function tunnelTarget(authority: string): Target | undefined {
  const [, bracketed, plain = '', portText = ''] = AUTHORITY.exec(authority) ?? [];
  const port = parsePort(portText);
  return port === undefined ? undefined : targetOf(bracketed ?? plain, port);
}

export async function tunnel(request: IncomingMessage, client: Duplex, head: Buffer, find: FindWay): Promise<void> {
  client.on('error', () => client.destroy());
  const way = await find(tunnelTarget(request.url ?? ''));
  if (client.destroyed) return;
  if (way.kind === 'refusal') return refuseOn(client, way);
  const host = connectPinned(way.target, way.addresses);
  let isOpen = false;
  host.once('connect', () => {
    isOpen = true;
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) host.write(head);
    client.pipe(host);
    host.pipe(client);
  });
  host.on('error', (error) => {
    if (isOpen) client.destroy();
    else refuseOn(client, unreachable(way.target, error));
  });
  // What came from the host and waits for the hook is still to be taken.
  host.once('close', (hadError) => hadError || client.end(() => client.destroy()));
  client.once('close', () => host.destroy());
}
