/** What the proxy says itself, to a request or on a bare socket. */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

export interface Refusal {
  status: 400 | 403 | 502;
  text: string;
}

export function refuse(response: ServerResponse, { status, text }: Refusal): void {
  const body = line(text);
  const length = Buffer.byteLength(body);
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': length, connection: 'close' }).end(body);
}

export function refuseOn(socket: Duplex, { status, text }: Refusal): void {
  const body = line(text);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: text/plain\r\nconnection: close\r\n`;
  if (!socket.writable) socket.destroy();
  else socket.end(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy());
}

function line(text: string): string {
  return `hook-supervisor: ${text}\n`;
}
