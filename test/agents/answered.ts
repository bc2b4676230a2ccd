/** Answers as `supervisor/agents/events/` writes them, given to the agent itself, which must do what they were meant to say. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Verdict } from '../../supervisor/contract/validating.js';
import { type Decision, NOTES_FILE, RAN_FILE, SAYS, TOOL } from './cases.js';
import type { AgentClient, Moment } from './clients/client.js';
import type { AgentWorld } from './world.js';

const EVENTS = fileURLToPath(new URL('../../dist/agents/events/', import.meta.url));

/** A hook that answers its event with the verdicts of its arguments, the first time, and notes whose event it was. */
const ANSWER = `import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseEvent } from '${EVENTS}parse.js';
import { merge } from '${EVENTS}merge.js';
import { render } from '${EVENTS}render.js';
const { event } = parseEvent(readFileSync(0));
const isFirst = !existsSync('${NOTES_FILE}');
appendFileSync('${NOTES_FILE}', [event.agent, event.name, event.toolName].join(' ') + '\\n');
const verdicts = isFirst ? process.argv.slice(2).map((text) => JSON.parse(text)) : [];
const opinions = verdicts.map((verdict, order) => {
  return { name: 'v' + order, order, onFailure: 'continue', outcome: { kind: 'answered', verdict } };
});
const { stdout, stderr, exitCode } = render(event, merge(event, opinions));
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = exitCode;
`;

interface Answered {
  moment: Moment;
  verdicts: readonly Verdict[];
  decision: Decision;
  /** Texts that the model is told. */
  told: readonly string[];
}

const NO: Verdict = { decision: 'deny', reason: 'not this one' };
const REWRITTEN = { command: `echo rewritten >> ${RAN_FILE}; ${SAYS} again` };

function answers(client: AgentClient): Readonly<Record<string, Answered>> {
  const isGemini = client.name === 'gemini';
  const input = isGemini ? { ...REWRITTEN, description: 'rewritten' } : REWRITTEN;
  const before = (verdicts: readonly Verdict[], decision: Decision, ...told: string[]): Answered => {
    return { moment: 'beforeTool', verdicts, decision, told };
  };
  const at = (moment: Moment, verdict: Verdict, decision: Decision, ...told: string[]): Answered => {
    return { moment, verdicts: [verdict], decision, told };
  };
  return {
    'nothing said': before([{}], 'allowed', 'the tool speaks'),
    'an allow': before([{ decision: 'allow', reason: 'fine' }], 'allowed', 'the tool speaks'),
    'a deny beside an allow': before([{ decision: 'allow' }, NO], 'denied', 'not this one'),
    'two denies': before([NO, { decision: 'deny', reason: 'é "2"' }], 'denied', 'not this one', 'é'),
    'an ask': before([{ decision: 'ask', reason: 'sure?' }], 'denied', 'sure?', 'taken as'),
    'a rewrite': before([{ updatedInput: input }], 'rewritten', 'the tool again'),
    'a rewrite beside an allow': before(
      [{ decision: 'allow' }, { updatedInput: input }],
      'rewritten',
      'the tool again',
    ),
    'a deny of the result': at('afterTool', NO, 'allowed', 'not this one'),
    'context after the tool': at('afterTool', { context: 'said afterwards' }, 'allowed', 'said afterwards'),
    'context at the prompt': at('prompt', { context: 'said at the prompt' }, 'allowed', 'said at the prompt'),
    'a deny of the prompt': at('prompt', NO, 'denied'),
    'a deny of the end': at('end', { decision: 'deny', reason: 'not done yet' }, 'allowed', 'not done yet'),
    ...(isGemini
      ? { 'a rewrite that takes a key away': before([{ updatedInput: REWRITTEN }], 'denied', 'must be rewritten') }
      : {
          'context before the tool': before([{ context: 'said before' }], 'allowed', 'said before', 'the tool speaks'),
          'a deny with context': before([NO, { context: 'said before' }], 'denied', 'not this one', 'said before'),
          'context at the start': at('sessionStart', { context: 'said at the start' }, 'allowed', 'said at the start'),
        }),
  };
}

export function itDoesWhatItIsTold(client: AgentClient, worldOf: () => AgentWorld): void {
  it.each(Object.entries(answers(client)))('told by a merged verdict: %s', async (_name, answered) => {
    const world = worldOf();
    const words = [process.execPath, 'answer.mjs', ...answered.verdicts.map((verdict) => JSON.stringify(verdict))];
    const command = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    world.wants({ [answered.moment]: [{ command, timeoutMs: 20_000 }] }, { 'answer.mjs': ANSWER });
    const { nonce, end } = world.begin([{ command: TOOL }, { text: 'done' }]);
    const { talks } = await end;
    expect(world.written(RAN_FILE).trim() || 'denied').toBe(answered.decision);
    for (const text of answered.told) expect(talks).toContain(text);
    expect(world.written(NOTES_FILE)).toMatch(new RegExp(`^${client.name} `));
    expect(await world.left(nonce)).toEqual([]);
  });
}
