import { beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import type { AgentEvent } from '../../../supervisor/contract/validating.js';
import { RecordKind } from '../../../supervisor/contract/wire.js';
import { fieldsOf } from '../../../supervisor/ring/resident-answer.js';
import { ResidentTalk } from '../../../supervisor/ring/resident-talk.js';
import { FakeClock } from '../../lib/fake-clock.js';

const { READY, ANSWER, PONG, ASK, FORGET, LOAD, PING, STDOUT } = RecordKind;
const event = { name: 'PreToolUse' } as AgentEvent;
const NOTHING = '{"verdict":{}}';

let clock: FakeClock;
let sent: [kind: number, id: number, text: string][];
let hasRoom: boolean;
let told: unknown[];
let talk: ResidentTalk;

beforeEach(() => {
  clock = new FakeClock();
  sent = [];
  told = [];
  hasRoom = true;
  const send = (...record: (typeof sent)[number]) => {
    if (hasRoom) sent.push(record);
    return hasRoom;
  };
  talk = new ResidentTalk(clock, send, {
    ready: (isBatch) => told.push(['ready', isBatch]),
    answered: (id, answers) => told.push(['answered', id, answers.length]),
    silent: () => told.push(['silent']),
  });
});

/** As the link hands over a message. */
function says(kind: number, id: number, text = ''): string | undefined {
  return talk.faultOf(kind, id) ?? talk.take(kind, id, fieldsOf(text));
}

function ready(): void {
  says(READY, 0, '{"protocol":1,"batch":true}');
  told = [];
}

function ask(...events: AgentEvent[]): number {
  const id = talk.ask({ events: events.length > 0 ? events : [event], context: { a: 1 } });
  if (typeof id !== 'number') throw new Error(id);
  return id;
}

describe('beginning', () => {
  test('it is asked nothing before it is ready', () => {
    expect(talk.ask({ events: [event], context: {} })).toBe('notReady');
    expect(says(ANSWER, 1, NOTHING)).toContain('before it was ready');
    expect(says(READY, 0, '{"protocol":1}')).toBeUndefined();
    expect(told).toEqual([['ready', false]]);
    expect(says(READY, 0, '{"protocol":1}')).toBe('ready twice');
  });

  test.each(['{"protocol":2}', '{}', 'x'])('%s is no beginning', (text) => {
    expect(says(READY, 0, text)).toContain('protocol 1');
    expect(talk.ask({ events: [event], context: {} })).toBe('notReady');
  });
});

describe('questions', () => {
  beforeEach(ready);

  test('one event and many, each with what the validator gets beside them', () => {
    ask();
    ask(event, event);
    expect(sent.map(([kind, id, text]) => [kind, id, JSON.parse(text)])).toEqual([
      [ASK, 1, { event, context: { a: 1 } }],
      [ASK, 2, { events: [event, event], context: { a: 1 } }],
    ]);
  });

  test('each is answered once, in any order', () => {
    const [first, second] = [ask(), ask()];
    expect([says(ANSWER, second, NOTHING), says(ANSWER, first, NOTHING)]).toEqual([undefined, undefined]);
    expect(told).toEqual([
      ['answered', second, 1],
      ['answered', first, 1],
    ]);
    expect(says(ANSWER, first, NOTHING)).toBe('an answer that nobody asked for');
  });

  test('the answer to one that was forgotten is taken and not told, once', () => {
    const id = ask();
    talk.forget(id);
    talk.forget(id);
    expect(sent.filter(([kind]) => kind === FORGET)).toEqual([[FORGET, id, '']]);
    expect(talk.unanswered).toBe(1);
    expect(says(ANSWER, id, NOTHING)).toBeUndefined();
    expect(told).toEqual([]);
    expect(talk.unanswered).toBe(0);
    expect(says(ANSWER, id, NOTHING)).toBe('an answer that nobody asked for');
  });

  test('so many may be unanswered, forgotten ones too', () => {
    for (let i = 0; i < LIMITS.residentAsksMax; i++) talk.forget(ask());
    expect(talk.ask({ events: [event], context: {} })).toBe('full');
    says(ANSWER, 1, NOTHING);
    expect(talk.ask({ events: [event], context: {} })).toBe(LIMITS.residentAsksMax + 2); // a sign of life was asked for
  });

  test('one for which there is no room, and one that is too long, was not asked', () => {
    const raw = { text: 'x'.repeat(5 * 2 ** 20) };
    expect(talk.ask({ events: [{ ...event, raw }], context: {} })).toBe('tooLong');
    hasRoom = false;
    expect(talk.ask({ events: [event], context: {} })).toBe('full');
    expect(talk.unanswered).toBe(0);
  });

  test('what no worker sends is a fault', () => {
    expect(says(STDOUT, 1)).toContain('no worker sends');
    expect(says(ASK, 1)).toContain('no worker sends');
    expect(says(PONG, 1)).toContain('nobody asked for');
  });
});

describe('loading, of a worker that several validators share', () => {
  beforeEach(ready);
  const wanted = { name: 'secrets', entry: '/secrets.mjs' };

  test.each([
    ['{"loaded":{"batch":true}}', { kind: 'loaded', isBatch: true }],
    ['{"error":{"cause":"threw","message":"no such module"}}', { kind: 'failed', message: 'no such module' }],
    ...['{"loaded":{}}', '{"loaded":null,"error":7}', '{"verdict":{}}', '[]'].map(
      (text) => [text, { kind: 'failed', message: 'it did not say whether it could be loaded' }] as const,
    ),
  ])('%s is told to whoever wanted it, and is no answer', (text, loaded) => {
    const heard: unknown[] = [];
    const id = Number(talk.load(wanted, (one) => heard.push(one)));
    expect(sent).toEqual([[LOAD, id, JSON.stringify(wanted)]]);
    expect(says(ANSWER, id, text)).toBeUndefined();
    expect(heard).toEqual([loaded]);
    expect(told).toEqual([]);
    expect(says(ANSWER, id, text)).toBe('an answer that nobody asked for');
  });
});

describe('signs of life', () => {
  beforeEach(ready);
  const pass = () => clock.pass(LIMITS.residentPingEveryMs);

  test('an idle worker is asked, and one that answers is not silent', () => {
    pass();
    expect(sent).toEqual([[PING, 1, '']]);
    expect(says(PONG, 1)).toBeUndefined();
    pass();
    expect(sent).toHaveLength(2);
    expect(told).toEqual([]);
  });

  test('one that does not answer is told, once', () => {
    for (let i = 0; i < 4; i++) pass();
    expect(told).toEqual([['silent']]);
    expect(sent).toHaveLength(1);
  });

  test('one that works is not asked, unless nobody waits for that', () => {
    const id = ask();
    pass();
    expect(sent.map(([kind]) => kind)).toEqual([ASK]);
    talk.forget(id);
    pass();
    expect(sent.map(([kind]) => kind)).toEqual([ASK, FORGET, PING]);
  });

  test('after the end nothing is asked', () => {
    talk.stop();
    pass();
    expect(sent).toEqual([]);
    expect(clock.timers).toEqual([]);
  });
});
