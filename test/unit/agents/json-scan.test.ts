import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textsAtTop } from '../../../supervisor/agents/json/scan.js';

const scan = (text: string) => textsAtTop(Buffer.from(text), ['cwd', 'name']);

test('texts at the top, and none below', () => {
  const text = '{"a": {"cwd": "no"}, "cwd" : "/a \\"b\\\\", "l": ["name", {"name": "no"}], "name": "é\\u0041"}';
  expect(scan(text)).toEqual(
    new Map([
      ['cwd', '/a "b\\'],
      ['name', 'éA'],
    ]),
  );
  expect(scan('{"cwd": 1, "name": ["x"]}')).toEqual(new Map());
});

test('of two with one name the last, as a parser has it', () => {
  expect(scan('{"cwd": "/a", "cwd": "/b"}')).toEqual(new Map([['cwd', '/b']]));
});

test.each(['', '[]', 'x', '"a"', '{', '{"a": "', '{"a": "\\"}', '{} {}', '{}x', '[{}]', '{"a": [}'])(
  '%s is not one whole object',
  (text) => {
    expect(scan(text)).toBeUndefined();
  },
);

test('it agrees with the parser, whatever the object', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('cwd', 'name', 'x', '__proto__'), fc.jsonValue()),
      fc.nat(4),
      (value, indent) => {
        const parsed = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
        const texts = ['cwd', 'name'].flatMap((name) => {
          const one = Object.hasOwn(parsed, name) ? parsed[name] : undefined;
          return typeof one === 'string' ? [[name, one] as const] : [];
        });
        expect(scan(JSON.stringify(value, null, indent))).toEqual(new Map(texts));
      },
    ),
  );
});

describe('what somebody makes to keep us busy', () => {
  const LONG = 4 * 1024 * 1024;

  test.each([
    ['nested without end', `{"a":${'['.repeat(LONG)}`],
    ['nested and closed', `{"a":${'['.repeat(LONG)}${']'.repeat(LONG)}}`],
    ['backslashes without end', `{"a":"${'\\'.repeat(LONG)}`],
    ['escaped quotes', `{"a":"${'\\"'.repeat(LONG)}`],
    ['names', `{${'"a":1,'.repeat(LONG / 6)}`],
  ])('%s: looked through in well under a second', (_what, text) => {
    const startedAtMs = performance.now();
    expect(scan(text)).toBeUndefined();
    expect(performance.now() - startedAtMs).toBeLessThan(700);
  });
});
