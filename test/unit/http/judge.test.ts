import { describe, expect, test } from 'vitest';
import { judge, type RequestHead } from '../../../supervisor/http/judge.js';

const RULES = { port: 8377, bodyMaxBytes: 1000, isRightToken: (header?: string) => header === 'Bearer right' };
const HEADERS: Readonly<Record<string, string>> = {
  Host: '127.0.0.1:8377',
  Authorization: 'Bearer right',
  'Content-Type': 'application/json',
  'Content-Length': '12',
};

function head(headers: Record<string, string | undefined> = {}, more: Partial<RequestHead> = {}): RequestHead {
  const rawHeaders = Object.entries({ ...HEADERS, ...headers }).flatMap(([name, value]) =>
    value === undefined ? [] : [name, value],
  );
  return { httpVersion: '1.1', method: 'POST', url: '/hook/guard-1', rawHeaders, ...more };
}

/** `host 403` */
function refusal(one: RequestHead): string | undefined {
  const judged = judge(one, RULES);
  return judged.ok ? undefined : `${judged.refused.because} ${judged.refused.status}`;
}

test('the request of an agent is taken', () => {
  expect(judge(head(), RULES)).toEqual({ ok: true, name: 'guard-1', lengthBytes: 12 });
  expect(refusal(head({ Host: 'LocalHost:8377', 'Content-Type': 'application/json; charset=utf-8' }))).toBeUndefined();
});

describe('the name under which it was asked for', () => {
  test.each([
    'evil.example:8377',
    '127.0.0.1',
    '127.0.0.1:8378',
    '127.0.0.1.evil.example:8377',
    'localhost.:8377',
    '[::1]:8377',
    '0.0.0.0:8377',
    '127.0.0.1:8377, evil',
    '',
    undefined,
  ])('%s -> refused', (host) => {
    expect(refusal(head({ Host: host }))).toBe('host 403');
  });

  test('two of them -> refused, in either order', () => {
    for (const more of [
      ['Host', 'evil.example'],
      ['Host', '127.0.0.1:8377'],
    ]) {
      const { rawHeaders } = head();
      expect(refusal(head({}, { rawHeaders: [...rawHeaders, ...more] }))).toBe('host 403');
      expect(refusal(head({}, { rawHeaders: [...more, ...rawHeaders] }))).toBe('host 403');
    }
  });
});

test.each([
  ['Origin', 'https://evil.example'],
  ['Origin', 'null'],
  ['Origin', 'http://127.0.0.1:8377'],
  ['oRiGiN', ''],
  ['Sec-Fetch-Site', 'same-origin'],
])('%s: %s -> refused, with the token too', (name, value) => {
  expect(refusal(head({ [name]: value }))).toBe('origin 403');
});

test.each(['Bearer wrong', 'bearer right', 'right', '', undefined])('token %s -> refused', (value) => {
  expect(refusal(head({ Authorization: value }))).toBe('token 401');
});

test('without the token nothing else is told', () => {
  const bare = { Authorization: undefined, 'Content-Type': undefined, 'Content-Length': undefined };
  expect(refusal(head(bare, { method: 'GET', url: '/' }))).toBe('token 401');
});

test.each(['GET', 'HEAD', 'PUT', 'OPTIONS', 'DELETE', 'CONNECT', 'post'])('%s -> refused', (method) => {
  expect(refusal(head({}, { method }))).toBe('method 405');
});

test('HTTP/1.0 -> refused', () => {
  expect(refusal(head({}, { httpVersion: '1.0' }))).toBe('method 405');
});

test.each([
  '/',
  '/hook/',
  '/hook/a/b',
  '/hook/../x',
  '/hook/A',
  '/hook/a?b',
  '/hook/a%20',
  `/hook/${'a'.repeat(65)}`,
  'http://127.0.0.1:8377/hook/a',
  '//hook/a',
])('%s -> no such name', (url) => {
  expect(refusal(head({}, { url }))).toBe('name 404');
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonx', undefined])(
  'type %s -> refused',
  (type) => {
    expect(refusal(head({ 'Content-Type': type }))).toBe('type 415');
  },
);

test.each([
  [{ 'Content-Length': undefined }, 'length 411'],
  [{ 'Content-Length': '+12' }, 'length 411'],
  [{ 'Content-Length': '1e3' }, 'length 411'],
  [{ 'Transfer-Encoding': 'chunked' }, 'length 411'],
  [{ 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' }, 'length 411'],
  [{ Expect: '100-continue' }, 'length 411'],
  [{ 'Content-Length': '1001' }, 'length 413'],
])('length by %j -> %s', (headers, because) => {
  expect(refusal(head(headers as Record<string, string | undefined>))).toBe(because);
});
