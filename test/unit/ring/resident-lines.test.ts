import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import type { AgentEvent } from '../../../supervisor/contract/validating.js';
import { openResidentLines, type ResidentLines } from '../../../supervisor/ring/resident-lines.js';

const event = { name: 'PreToolUse' } as AgentEvent;
let written: string[];
let told: unknown[];
let lines: ResidentLines;

beforeEach(() => {
  written = [];
  told = [];
  const write = (line: Buffer) => {
    written.push(line.toString());
    return true;
  };
  lines = openResidentLines(write, {
    ready: (isBatch) => told.push(['ready', isBatch]),
    answered: (id, answers) => told.push(['answered', id, answers]),
    silent: () => told.push(['silent']),
    closed: (violation) => told.push(['closed', violation]),
  });
});

const takes = (text: string) => lines.take(Buffer.from(text));
const begin = () => {
  takes('{"protocol":1,"batch":true}\n');
  told = [];
};

test('questions and what is forgotten are lines, each with its number', () => {
  begin();
  lines.ask({ events: [event], context: { a: 'x\ny' } });
  lines.ask({ events: [event, event], context: {} });
  lines.forget(1);
  expect(written.map((line) => JSON.parse(line))).toEqual([
    { id: 1, event, context: { a: 'x\ny' } },
    { id: 2, events: [event, event], context: {} },
    { id: 1, forget: true },
  ]);
  expect(written.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
});

/** In a buffer that is only lent, as the ring's is. */
function takesByteByByte(text: string): void {
  const lent = Buffer.alloc(1);
  for (const byte of Buffer.from(text)) {
    lent[0] = byte;
    lines.take(lent);
  }
}

test('answers are read wherever the bytes are cut', () => {
  const text = '{"protocol":1}\n\n{"id":1,"verdict":{"reason":"ü"}}\r\n';
  takesByteByByte(text.slice(0, 15));
  lines.ask({ events: [event], context: {} });
  takesByteByByte(text.slice(15));
  expect(told).toEqual([
    ['ready', false],
    ['answered', 1, [{ kind: 'answered', verdict: { reason: 'ü' } }]],
  ]);
});

test.each([
  ['no JSON', 'words\n', 'a line that is no JSON object'],
  ['an answer to nothing', '{"id":7,"verdict":{}}\n', 'an answer that nobody asked for'],
  ['no number', '{"verdict":{}}\n', 'an answer without its number'],
  ['a second beginning', '{"protocol":1}\n', 'ready twice'],
  ['nothing, again and again', '\n'.repeat(65), 'blank lines without end'],
  ['a line without end', 'x'.repeat(5 * 2 ** 20), 'a line that is too long'],
])('%s ends it, and nothing more is read', (_name, text, fault) => {
  begin();
  takes(`${text}{"id":8,"verdict":{}}\n`);
  takes('more\n');
  expect(told).toEqual([['closed', fault]]);
  expect(lines.ask({ events: [event], context: {} })).toBe('notReady');
});

test('blank lines are passed over, as long as something is said between them', () => {
  begin();
  for (let id = 1; id <= 3; id++) {
    lines.ask({ events: [event], context: {} });
    takes(`${' \r\n'.repeat(64)}{"id":${id},"verdict":{}}\n`);
  }
  expect(told).toHaveLength(3);
});

test('whatever it writes, nothing is thrown, and it is closed once at most', () => {
  const line = fc.oneof(
    fc.constantFrom('{"protocol":1}', '{"id":1,"verdict":{}}', '{"id":2,"error":7}', '{"id":null}', '[]', ''),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 9 }), (said, pieceBytes) => {
      let closings = 0;
      const one = openResidentLines(() => true, {
        ...{ ready: () => void one.ask({ events: [event], context: {} }), answered() {}, silent() {} },
        closed: () => void closings++,
      });
      const bytes = Buffer.from(said.join('\n'));
      for (let at = 0; at < bytes.length; at += pieceBytes) one.take(bytes.subarray(at, at + pieceBytes));
      expect(closings).toBeLessThanOrEqual(1);
    }),
  );
});
