import { describe, expect, test } from 'vitest';
import { mask, maskBeginning, maskWords } from '../../../supervisor/recording/mask.js';

/** Put together here: no scanner is to take this file for a leak. */
const of = (...parts: string[]) => parts.join('');
const A20 = 'aB3dE5gH7jK9mN1pQ3sT';
const RANDOM = 'q8Zr4Lx0Vb7Nw2Kd6Ty9';

describe('by its form, wherever it stands', () => {
  test.each([
    ['github', of('ghp_', A20, A20)],
    ['github', of('github_', 'pat_', A20, '_', A20)],
    ['aws', of('AKIA', 'IOSFODNN7EXAMPLE')],
    ['anthropic', of('sk-', 'ant-api03-', A20, '-', A20)],
    ['openai', of('sk-', 'proj-', A20, A20)],
    ['openai', of('sk-', A20, A20)],
    ['slack', of('xox', 'b-123456789012-', A20)],
    ['slack', of('hooks.slack.', 'com/services/T000/B000/', A20)],
    ['jwt', of('eyJ', A20, '.eyJ', A20, '.', A20)],
    ['google', of('AI', 'za', A20, A20.slice(0, 15))],
    ['gitlab', of('glpat', '-', A20)],
    ['npm', of('npm', '_', A20, A20)],
    ['stripe', of('sk_', 'live_', A20)],
  ])('%s: %s', (kind, token) => {
    expect(mask(`{"a":"x ${token} y"}`)).toEqual({ text: `{"a":"x [masked ${kind}] y"}`, count: 1 });
  });

  test('a private key, in lines or in JSON, and one whose end is missing', () => {
    const begin = of('-----BEGIN RSA ', 'PRIVATE KEY-----');
    const end = of('-----END RSA ', 'PRIVATE KEY-----');
    expect(mask(`a\n${begin}\nMIIE\nabc\n${end}\nb`).text).toBe('a\n[masked key]\nb');
    expect(mask(`{"k":"${begin}\\nMIIE\\n${end}\\n"}`).text).toBe('{"k":"[masked key]\\n"}');
    expect(mask(`a ${begin}\nMIIEabc`).text).toBe('a [masked key]');
  });

  test('what stands in front of it stays: the scheme of a header, the user of an address', () => {
    expect(mask(`Authorization: Bearer ${A20}`).text).toBe('Authorization: Bearer [masked authorization]');
    expect(mask('postgres://me:hunter2@db/x').text).toBe('postgres://me:[masked password]@db/x');
  });
});

describe('by its name', () => {
  test.each([
    ['password=hunter2 x', 'password=[masked named] x'],
    ['DB_PASSWORD: hunter2', 'DB_PASSWORD: [masked named]'],
    ['{"password":"correct horse"}', '{"password":"[masked named]"}'],
    ['{"password":"a\\"b c","n":1}', '{"password":"[masked named]","n":1}'],
    [String.raw`{"text":"{\"password\":\"hunter 2\"}"}`, String.raw`{"text":"{\"password\":\"[masked named]\"}"}`],
    ["{'client_secret': 'abc'}", "{'client_secret': '[masked named]'}"],
    ['tool --password hunter2 x', 'tool --password [masked named] x'],
    [`export API_KEY=${RANDOM}`, 'export API_KEY=[masked named]'],
    [`{"access_token" : "${RANDOM}"}`, '{"access_token" : "[masked named]"}'],
    [`AWS_SECRET_ACCESS_KEY=${RANDOM}`, 'AWS_SECRET_ACCESS_KEY=[masked named]'],
  ])('%s', (text, masked) => {
    expect(mask(text)).toEqual({ text: masked, count: 1 });
  });

  test.each([
    '{"max_tokens":4096,"token_count":"12"}',
    'password="$PASSWORD"',
    'API_KEY=${API_KEY:-}',
    'token = tttttttttttttttttttt',
    '{"session_id":"550e8400-e29b-41d4-a716-446655440000","tool_use_id":"toolu_01abcdefghij"}',
    'the secret of a good hook',
    'git commit -m "new password form"',
  ])('left as it is: %s', (text) => {
    expect(mask(text)).toEqual({ text, count: 0 });
  });
});

test('JSON stays JSON, and what was masked is not masked again', () => {
  const event = JSON.stringify({ tool_input: { content: `password: "x y"\nTOKEN='${RANDOM}'` }, secret: RANDOM });
  const { text, count } = mask(event);
  expect(count).toBe(3);
  expect(Object.keys(JSON.parse(text))).toEqual(['tool_input', 'secret']);
  expect(mask(text)).toEqual({ text, count: 0 });
});

test('what is known by form and by name is masked once', () => {
  const token = of('ghp_', A20, A20);
  expect(mask(`{"token":"${token}","n":1}`)).toEqual({ text: '{"token":"[masked github]","n":1}', count: 1 });
  expect(mask(`password="x ${token} y"`)).toEqual({ text: 'password="[masked named]"', count: 1 });
});

test('a secret that lies across the end of what is kept goes as a whole', () => {
  const token = of('ghp_', A20, A20);
  expect(maskBeginning(`ab ${token} cd`, 10).text).toBe('ab [masked github]');
  expect(maskBeginning(`abcdefghij ${token}`, 10)).toEqual({ text: 'abcdefghij', count: 0 });
});

test('the word behind an option that is named like a secret', () => {
  expect(maskWords(['curl', '--token', 'short', '-v', '--api-key', '--x'])).toEqual({
    words: ['curl', '--token', '[masked option]', '-v', '--api-key', '--x'],
    count: 1,
  });
});

test('a megabyte of openings without an end takes no more than seconds', () => {
  const beganAtMs = Date.now();
  for (const text of ["token='", '-----BEGIN PRIVATE KEY-----', '://a:', 'eyJaaaaaaaaa.', '--password ']) {
    mask(text.repeat(Math.ceil(2 ** 20 / text.length)));
  }
  expect(Date.now() - beganAtMs).toBeLessThan(15_000);
});
