/** A plain request with its whole URL: read by one parser, judged, and written anew, so that the host sees what was judged. */
import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { refuse } from './answer.js';
import { type Target, targetOf } from './judge.js';
import { connectPinned } from './pinned.js';
import { type FindWay, unreachable } from './ways.js';

/** Of one connection and not of the request. `host` is written from the URL, as the standard asks of a proxy: otherwise a
 *  listed server could be asked for what another of its names serves. */
const NOT_PASSED = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'proxy-authenticate'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade', 'expect', 'host'],
]);
const STATUS_FIRST = 200;

export interface PlainRequest {
  target: Target;
  path: string;
  /** For the header. */
  host: string;
}

export function plainRequest(text: string): PlainRequest | undefined {
  if (!/^http:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return undefined;
  const target = targetOf(url.hostname.replace(/^\[(.*)\]$/, '$1'), url.port === '' ? 80 : Number(url.port));
  return target && { target, path: `${url.pathname}${url.search}`, host: url.host };
}

export async function forward(request: IncomingMessage, response: ServerResponse, find: FindWay): Promise<void> {
  const plain = plainRequest(request.url ?? '');
  const way = await find(plain?.target);
  if (response.destroyed) return;
  if (plain === undefined || way.kind === 'refusal') {
    if (way.kind === 'refusal') refuse(response, way);
    return;
  }
  const outgoing = ask({
    method: request.method ?? 'GET',
    path: plain.path,
    headers: [...passedHeaders(request), 'Host', plain.host, ...framing(request)],
    createConnection: () => connectPinned(plain.target, way.addresses),
  });
  const fail = (error: Error) => {
    if (response.headersSent) response.destroy();
    else refuse(response, unreachable(plain.target, error));
  };
  outgoing.on('response', (answer) => {
    const status = answer.statusCode ?? 0;
    if (status < STATUS_FIRST) return fail(new Error(`an answer of status ${status}`));
    response.sendDate = false;
    response.writeHead(status, passedHeaders(answer));
    answer.pipe(response);
    answer.on('error', fail);
  });
  outgoing.on('error', fail);
  response.once('close', () => outgoing.destroy());
  request.on('error', () => outgoing.destroy());
  request.pipe(outgoing);
}

/** Without it the body of a GET would stand there as if it were the next request. */
function framing({ headers }: IncomingMessage): string[] {
  return headers['transfer-encoding'] === undefined ? [] : ['Transfer-Encoding', 'chunked'];
}

/** As they came, in their order; without those that Connection names. */
function passedHeaders({ rawHeaders, headers }: IncomingMessage): string[] {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const passed: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    const key = name.toLowerCase();
    if (!NOT_PASSED.has(key) && !named.includes(key)) passed.push(name, value);
  }
  return passed;
}
