/** The head of a request -> the hook that is meant, or why it is refused. Pure. The order is that of distrust: nobody without
 *  the token is told more than that. */
import { HTTP_ADDRESS, HTTP_HOOK_NAME, HTTP_HOOK_PATH, type HttpRefusal } from '../contract/http.js';

export interface RequestHead {
  httpVersion: string;
  method: string;
  url: string;
  /** As they came: name, value, name, value. */
  rawHeaders: readonly string[];
}

export interface Rules {
  port: number;
  bodyMaxBytes: number;
  isRightToken(header: string | undefined): boolean;
}

export interface Refused {
  status: number;
  because: HttpRefusal;
  /** To whoever asked. */
  what: string;
}

export type Judged = { ok: true; name: string; lengthBytes: number } | { ok: false; refused: Refused };

export function judge({ httpVersion, method, url, rawHeaders }: RequestHead, rules: Rules): Judged {
  const all = (name: string) =>
    rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
  /** Of two that disagree each side could believe another. */
  const only = (name: string) => (all(name).length === 1 ? all(name)[0] : undefined);
  const refuse = (status: number, because: HttpRefusal, what: string): Judged => {
    return { ok: false, refused: { status, because, what } };
  };

  // A page whose name has been made to resolve to us still says that name.
  const hosts = [`${HTTP_ADDRESS}:${rules.port}`, `localhost:${rules.port}`];
  if (!hosts.includes(only('host')?.toLowerCase() ?? '')) return refuse(403, 'host', 'not served under this name');
  // Only browsers say where a request comes from, and no page has anything to ask here.
  if (all('origin').length > 0 || all('sec-fetch-site').length > 0) return refuse(403, 'origin', 'not for web pages');
  if (!rules.isRightToken(only('authorization'))) return refuse(401, 'token', 'the token is missing or wrong');
  if (method !== 'POST' || httpVersion !== '1.1') return refuse(405, 'method', 'only POST, by HTTP/1.1');
  const name = url.startsWith(HTTP_HOOK_PATH) ? url.slice(HTTP_HOOK_PATH.length) : '';
  if (!HTTP_HOOK_NAME.test(name)) return refuse(404, 'name', `only ${HTTP_HOOK_PATH}NAME`);
  if (!/^application\/json\s*(?:;|$)/i.test(only('content-type') ?? '')) return refuse(415, 'type', 'only JSON');
  // One way to say how long a body is leaves nothing to disagree about: no request hides in another.
  const length = only('content-length') ?? '';
  if (all('transfer-encoding').length > 0 || all('expect').length > 0 || !/^\d{1,9}$/.test(length)) {
    return refuse(411, 'length', 'the length has to be said, and the body to follow');
  }
  if (Number(length) > rules.bodyMaxBytes) return refuse(413, 'length', `at most ${rules.bodyMaxBytes} bytes`);
  return { ok: true, name, lengthBytes: Number(length) };
}
