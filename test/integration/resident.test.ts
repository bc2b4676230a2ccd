/** Resident workers, started through a keeper, answering over their own rings. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { LEVEL_NEEDS } from '../../supervisor/contract/isolation.js';
import { COMMANDS, hostLayers, question, ResidentStage } from '../lib/resident.js';

const layers = await hostLayers();
const lacking = LEVEL_NEEDS.untrusted.filter((name) => !layers.includes(name));
const LEVELS = lacking.length === 0 ? (['contained', 'untrusted'] as const) : (['contained'] as const);
const RUNTIMES = ['node', 'python', 'forked python'] as const;
const languageOf = (runtime: (typeof RUNTIMES)[number]) => (runtime === 'node' ? runtime : 'python');
const BOTH = RUNTIMES.flatMap((runtime) => LEVELS.map((level) => [runtime, level] as const));
const SIGKILL = 9;

/** Does what the event's text asks for. */
const VALIDATOR = {
  node: `
export default {
  async validate(event, context) {
    const { text } = event.toolInput;
    if (text === 'throw') throw new TypeError('no');
    if (text === 'list') return [];
    if (text === 'nothing') return undefined;
    if (text === 'cycle') { const a = {}; a.a = a; return a; }
    if (text === 'long') return { reason: 'x'.repeat(5 << 20) };
    if (text === 'print') { console.log('said'); process.stdout.write('written\\n'); }
    if (text === 'wait') {
      await new Promise((done) => context.signal.addEventListener('abort', done));
      console.error('aborted');
    }
    if (text.startsWith('later')) await new Promise(setImmediate);
    if (text === 'never') await new Promise(() => {});
    if (text === 'exit') process.exit(3);
    return { decision: 'deny', reason: text, context: context.rule };
  },
};`,
  python: `
import os, sys
def validate(event, context):
    text = event["toolInput"]["text"]
    if text == "throw": raise TypeError("no")
    if text == "list": return []
    if text == "nothing": return None
    if text == "cycle":
        a = {}; a["a"] = a
        return a
    if text == "long": return {"reason": "x" * (5 << 20)}
    if text == "print":
        print("said"); sys.stdout.write("written\\n")
    if text == "exit": os._exit(3)
    return {"decision": "deny", "reason": text, "context": context.get("rule")}
`,
};
const FILE = { node: 'validator.mjs', python: 'validator.py' };

let stage: ResidentStage;
afterEach(() => stage.close());

async function begin(
  runtime: (typeof RUNTIMES)[number],
  level: 'contained' | 'untrusted' = 'contained',
  text = VALIDATOR[languageOf(runtime)],
) {
  stage = new ResidentStage(level, layers, runtime === 'forked python');
  await stage.start(COMMANDS[languageOf(runtime)](stage.write(FILE[languageOf(runtime)], text)));
  return stage;
}

async function ask(text: string, context = {}) {
  return stage.heard.answer(stage.link.ask(question(text, context)));
}

test('untrusted is tried where the host gives it', ({ skip }) => {
  stage = new ResidentStage('contained', layers);
  if (lacking.length > 0) skip(`this host lacks ${lacking.join(', ')}`);
});

describe.each(BOTH)('%s at %s', (runtime, level) => {
  test('says that it is ready, and answers with what it is given', async () => {
    await begin(runtime, level);
    await stage.heard.ready();
    expect(stage.heard.isBatch).toBe(false);
    const verdict = { decision: 'deny', reason: 'ü "\n', context: 'r' };
    expect(await ask('ü "\n', { rule: 'r' })).toEqual([{ kind: 'answered', verdict }]);
  });

  test('long questions and answers go through whole', async () => {
    await begin(runtime, level);
    await stage.heard.ready();
    const reason = 'ab'.repeat(100_000);
    expect(await ask(reason)).toEqual([{ kind: 'answered', verdict: { decision: 'deny', reason } }]);
  });

  test('ends with its channel', async () => {
    await begin(runtime, level);
    await stage.heard.ready();
    stage.link.close();
    expect(await stage.ended()).toMatchObject({ kind: 'answered', exitCode: 69 });
  });
});

describe.each(RUNTIMES)('%s', (runtime) => {
  test('what a validator does wrong is the failure of its own question', async () => {
    await begin(runtime);
    await stage.heard.ready();
    const failed = (cause: string, message: RegExp) => [
      { kind: 'failed', cause, message: expect.stringMatching(message) },
    ];
    expect(await ask('throw')).toEqual(failed('threw', /^TypeError: no$/));
    expect(await ask('list')).toEqual(failed('protocol', /^a list is no verdict$/));
    expect(await ask('cycle')).toEqual(failed('protocol', /^an answer that is no JSON: /));
    expect(await ask('long')).toEqual(failed('protocol', /^an answer of \d+ (characters|bytes) is too long$/));
    expect(await ask('nothing')).toEqual([{ kind: 'answered', verdict: {} }]);
  });

  test('ends with its input, too, and as the interpreter ends', async () => {
    const text = {
      node: 'process.on("exit", () => console.log("bye")); export const validate = () => {};',
      python: 'import atexit\natexit.register(print, "bye")\ndef validate(event, context): pass',
    };
    await begin(runtime, 'contained', text[languageOf(runtime)]);
    await stage.heard.ready();
    await ask('x');
    stage.endInput();
    expect(await stage.ended()).toMatchObject({ kind: 'answered', exitCode: 0 });
    expect(stage.stderr).toBe('bye\n');
  });

  test('what a validator prints goes to stderr', async () => {
    await begin(runtime);
    await stage.heard.ready();
    await ask('print');
    stage.link.close();
    await stage.ended();
    expect([stage.stdout, stage.stderr]).toEqual(['', 'said\nwritten\n']);
  });

  test('one that exits takes its questions along', async () => {
    await begin(runtime);
    await stage.heard.ready();
    stage.link.ask(question('exit'));
    expect(await stage.ended()).toMatchObject({ kind: 'answered', exitCode: 3 });
    expect(stage.heard.closed).toEqual([undefined]);
    expect(stage.heard.answers.size).toBe(0);
  });

  test('events that come together are answered one by one where it takes no batches', async () => {
    await begin(runtime);
    await stage.heard.ready();
    const events = ['a', 'throw', 'b'].flatMap((text) => question(text).events);
    const answers = await stage.heard.answer(stage.link.ask({ events, context: {} }));
    expect(answers.map((one) => (one.kind === 'answered' ? one.verdict.reason : one.cause))).toEqual([
      'a',
      'threw',
      'b',
    ]);
  });

  test('a batch is one call', async () => {
    const text = {
      node: 'export const validateBatch = (events) => events.map(() => ({ reason: String(events.length) }));',
      python: 'def validate_batch(events, context):\n    return [{"reason": str(len(events))} for event in events]',
    };
    await begin(runtime, 'contained', text[languageOf(runtime)]);
    await stage.heard.ready();
    expect(stage.heard.isBatch).toBe(true);
    const events = ['a', 'b'].flatMap((one) => question(one).events);
    const two = { kind: 'answered', verdict: { reason: '2' } };
    expect(await stage.heard.answer(stage.link.ask({ events, context: {} }))).toEqual([two, two]);
    expect(await ask('x')).toEqual([{ kind: 'answered', verdict: { reason: '1' } }]);
  });

  test('another number of verdicts than events is none', async () => {
    const text = {
      node: 'export const validateBatch = () => [{}];',
      python: 'def validate_batch(events, context):\n    return [{}]',
    };
    await begin(runtime, 'contained', text[languageOf(runtime)]);
    await stage.heard.ready();
    const events = ['a', 'b'].flatMap((one) => question(one).events);
    const answers = await stage.heard.answer(stage.link.ask({ events, context: {} }));
    const failed = { kind: 'failed', cause: 'protocol', message: '1 verdicts for 2 events' };
    expect(answers).toEqual([failed, failed]);
  });

  test.each([
    ['no validator', { node: 'export const a = 1;', python: 'a = 1' }, / is no validator: /],
    [
      'one that throws at its start',
      { node: 'throw new TypeError("a\\nb")', python: 'raise TypeError("a\\nb")' },
      /cannot be loaded: TypeError: a b\n$/,
    ],
    ['what is no program', { node: 'export (', python: 'def (' }, /cannot be loaded: SyntaxError/],
  ])('%s ends with 78 and says why in one line', async (_name, text, words) => {
    await begin(runtime, 'contained', text[languageOf(runtime)]);
    expect(await stage.ended()).toMatchObject({ kind: 'answered', exitCode: 78 });
    expect(stage.stderr).toMatch(words);
    expect(stage.stderr).toMatch(/^[^\n]+\n$/);
    expect(stage.heard.isReady).toBe(false);
  });

  test('nothing of our own folder shadows what a validator imports', async () => {
    const text = {
      node: 'import { a } from "./other.mjs"; export const validate = () => ({ reason: a });',
      python: 'import run\ndef validate(event, context):\n    return {"reason": run.a}',
    };
    stage = new ResidentStage('contained', layers, runtime === 'forked python');
    stage.write('other.mjs', 'export const a = "its own";');
    stage.write('run.py', 'a = "its own"');
    await stage.start(COMMANDS[languageOf(runtime)](stage.write(FILE[languageOf(runtime)], text[languageOf(runtime)])));
    await stage.heard.ready();
    expect(await ask('x')).toEqual([{ kind: 'answered', verdict: { reason: 'its own' } }]);
  });

  test('as many questions as may be unanswered are all answered, each with its own', async () => {
    await begin(runtime);
    await stage.heard.ready();
    const ids: number[] = [];
    for (
      let id = stage.link.ask(question('0'));
      typeof id === 'number';
      id = stage.link.ask(question(String(ids.length)))
    )
      ids.push(id);
    for (const [at, id] of ids.entries())
      expect(await stage.heard.answer(id)).toMatchObject([{ verdict: { reason: String(at) } }]);
    expect(stage.link.unanswered).toBe(0);
  });

  test('far more than its rings hold at once goes both ways, and no doorbell is lost', async () => {
    await begin(runtime);
    await stage.heard.ready();
    for (let round = 0; round < 5; round++) {
      const reasons = Array.from({ length: 60 }, (_one, at) => `later ${at} ${'x'.repeat(100_000)}`);
      const ids = reasons.map((reason) => Number(stage.link.ask(question(reason))));
      for (const [at, id] of ids.entries()) {
        expect(await stage.heard.answer(id)).toMatchObject([{ verdict: { reason: reasons[at] } }]);
      }
    }
  });
});

test.each(['node', 'python'] as const)('%s: its process has the environment of its order', async (runtime) => {
  await begin(runtime);
  await stage.heard.ready();
  const environment = readFileSync(`/proc/${stage.pid}/environ`, 'latin1');
  expect(environment).toBe('PATH=/usr/bin:/bin\0');
});

test('node: a question that is forgotten is aborted and makes room, also where it never ends', async () => {
  await begin('node');
  await stage.heard.ready();
  for (const text of ['wait', 'never']) {
    const id = stage.link.ask(question(text));
    await ask('meanwhile');
    expect(stage.link.unanswered).toBe(1);
    stage.link.forget(Number(id));
    await ask('after');
    expect(stage.link.unanswered).toBe(0);
    expect(stage.heard.answers.has(Number(id))).toBe(false);
  }
  stage.link.close();
  await stage.ended();
  expect(stage.stderr).toBe('aborted\n');
});

test('a worker that is killed is gone, and its questions have no answer', async () => {
  await begin('python');
  await stage.heard.ready();
  process.kill(stage.pid, SIGKILL);
  expect(await stage.ended()).toMatchObject({ signal: SIGKILL });
  expect(stage.heard.closed).toEqual([undefined]);
  expect(stage.link.ask(question('x'))).toBe('notReady');
});
