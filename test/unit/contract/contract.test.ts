import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LIMIT_RELATIONS } from '../../../supervisor/contract/limit-relations.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { clientEnd, LIMIT_CODE, OUTCOME_CODE, type Outcome } from '../../../supervisor/contract/outcome.js';
import { STAGE_TEXT } from '../../../supervisor/contract/stage.js';
import { VERSION } from '../../../supervisor/contract/version.js';
import * as wire from '../../../supervisor/contract/wire.js';
import { loadNative } from '../../../supervisor/native.js';

test('version is the package version', () => {
  expect(JSON.parse(readFileSync('package.json', 'utf8')).version).toBe(VERSION);
});

test.each(LIMIT_RELATIONS)('limits: %s', (_name, holds) => {
  expect(holds).toBe(true);
});

describe('outcome table', () => {
  const failures: Outcome[] = [
    { kind: 'timedOut', afterMs: 5 },
    { kind: 'crashed', message: 'gone' },
    { kind: 'limitHit', limit: 'memory', limitValue: 1 },
    { kind: 'refused', code: 1, message: 'no' },
  ];

  test('answered -> its own status and signal, nothing added', () => {
    expect(clientEnd({ kind: 'answered', exitCode: 3, signal: 0 }, 2)).toEqual({ exitCode: 3, signal: 0, message: '' });
    expect(clientEnd({ kind: 'answered', exitCode: 0, signal: 9 }, 2)).toEqual({ exitCode: 0, signal: 9, message: '' });
  });

  test('cancelled -> the client dies of its own signal', () => {
    expect(clientEnd({ kind: 'cancelled', signal: 15 }, 1)).toMatchObject({ signal: 15, message: '' });
  });

  test.each(failures)('$kind -> one line on stderr and 2 where the hook blocks, else 1: never an allow', (outcome) => {
    expect(clientEnd(outcome, 2)).toMatchObject({ exitCode: 2, signal: 0 });
    expect(clientEnd(outcome, 1)).toMatchObject({ exitCode: 1, signal: 0 });
    expect(clientEnd(outcome, 1).message).toMatch(/^hook-supervisor: [^\n]+\n$/);
  });

  test.each([
    ['memory', 5, 'memory limit of 5 reached'],
    ['cpu', 5, '5 ms of CPU time used up'],
    ['totalMemory', 5, 'no memory left for all hooks together, limit of 5'],
    ['totalMemory', 0, 'no memory left for all hooks together'],
  ] as const)('limitHit %s %s -> the message says which limit it was', (limit, limitValue, text) => {
    const { message } = clientEnd({ kind: 'limitHit', limit, limitValue }, 1);
    expect(message).toBe(`hook-supervisor: hook stopped: ${text}\n`);
  });
});

test('connectionsMax is the bound that the listener keeps', () => {
  const header = readFileSync('native-shim/addon/listener.h', 'utf8');
  const bound = /^#define LISTENER_CONNECTIONS_MAX (\d+)$/m.exec(header)?.[1];
  expect(Number(bound)).toBe(LIMITS.connectionsMax);
});

test('every stage of stage.h has its words', () => {
  const header = readFileSync('native-shim/include/stage.h', 'utf8');
  const numbers = [...header.matchAll(/STAGE_(?!NONE)\w+ = (\d+)/g)].map(([, number]) => Number(number));
  expect(Object.keys(STAGE_TEXT).map(Number)).toEqual(numbers);
});

describe('wire.ts mirrors wire.h', () => {
  const layout = loadNative().layout();
  const groups = {
    FRAME_: wire.FrameKind,
    CALL_: wire.CallFlag,
    RECORD_: wire.RecordKind,
    ORDER_: { ...wire.OrderMode, ...wire.OrderFlag },
    NOT_STARTED_: wire.NotStarted,
    PLACEMENT_: wire.Placement,
    REFUSAL_: wire.Refusal,
    OUTCOME_: Object.fromEntries(Object.entries(OUTCOME_CODE).map(([name, code]) => [screaming(name), code])),
    LIMIT_: Object.fromEntries(Object.entries(LIMIT_CODE).map(([name, code]) => [screaming(name), code])),
  };
  const names = Object.entries(groups).flatMap(([prefix, group]) =>
    Object.entries(group).map(([name, value]): [string, number] => [`${prefix}${name}`, value as number]),
  );
  test.each(names)('%s', (name, value) => {
    expect(layout[name]).toBe(value);
  });

  test.each([
    ['call_head', wire.CALL_HEAD_BYTES],
    ['inherited', wire.INHERITED_BYTES],
    ['call_end', wire.CALL_END_BYTES],
    ['order_head', wire.ORDER_HEAD_BYTES],
    ['start_head', wire.START_HEAD_BYTES],
    ['task_end', wire.TASK_END_BYTES],
    ['parked', wire.PARKED_BYTES],
    ['learned', wire.LEARNED_BYTES],
    ['frame_header', wire.FRAME_HEADER_BYTES],
    ['DOOR_PORT', wire.DOOR_PORT],
    ['WIRE_VERSION', wire.WIRE_VERSION],
    ['RECORD_MORE', wire.RECORD_MORE],
    ['RECORD_STDIN_END', wire.RECORD_STDIN_END],
    ['CREDIT_WINDOW_BYTES', wire.CREDIT_WINDOW_BYTES],
    ['RECORD_PAYLOAD_MAX_BYTES', wire.RECORD_PAYLOAD_MAX_BYTES],
    ['RESIDENT_MESSAGE_MAX_BYTES', wire.RESIDENT_MESSAGE_MAX_BYTES],
    ['FRAME_DATA_MAX_BYTES', wire.FRAME_DATA_MAX_BYTES],
  ])('%s', (name, value) => {
    expect(layout[name]).toBe(value);
  });
});

function screaming(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
