/** Validators by our API in real resident workers: those that are built in, and modules as authors write them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { LEVEL_NEEDS } from '../../supervisor/contract/isolation.js';
import type { AgentEvent } from '../../supervisor/contract/validating.js';
import { COMMANDS, hostLayers, REPOSITORY, type ResidentRuntime, ResidentStage } from '../lib/resident.js';

const layers = await hostLayers();
const lacking = LEVEL_NEEDS.untrusted.filter((name) => !layers.includes(name));
const VALIDATORS = join(REPOSITORY, 'dist/workers/validators');

let stage: ResidentStage;
afterEach(() => stage.close());

async function answerOf(runtime: ResidentRuntime, level: 'contained' | 'untrusted', entry: string, event: AgentEvent) {
  await stage.start(COMMANDS[runtime](entry));
  await stage.heard.ready();
  const context = { name: 'mine', settings: {}, cwd: event.cwd, sessionId: 's', timeLeftMs: 5_000 };
  const [answer] = await stage.heard.answer(stage.link.ask({ events: [event], context }));
  if (answer?.kind !== 'answered') throw new Error(JSON.stringify([level, answer, stage.stderr]));
  return answer.verdict;
}

const tool = (toolName: string, toolInput: Record<string, unknown>, name = 'PreToolUse'): AgentEvent => ({
  ...{ agent: 'claude', name, sessionId: 's', cwd: '/nowhere', matched: toolName, toolName, toolInput, raw: {} },
});

const BUILTIN: Record<string, [event: AgentEvent, verdict: object]> = {
  'command-safety': [tool('Bash', { command: 'sudo rm -rf /' }), { decision: 'deny' }],
  'path-policy': [tool('Write', { file_path: '/etc/motd' }), { decision: 'deny' }],
  secrets: [
    tool('Write', { content: ['-----BEGIN', 'PRIVATE', `KEY-----\n${'aB3dE5gH'.repeat(16)}`].join(' ') }),
    { decision: 'deny' },
  ],
  'resource-heavy': [tool('Bash', { command: 'make -j' }), { context: expect.stringContaining('make -j') }],
  drift: [tool('Bash', { command: 'ls' }, 'PostToolUse'), {}],
  'project-context': [tool('', {}, 'SessionStart'), { context: expect.stringContaining('not known: package manager') }],
};

test('the table has all that are built in', () => {
  stage = new ResidentStage('contained', layers);
  const names = readdirSync(join(VALIDATORS, 'builtin')).flatMap((file) => /^(.*)\.mjs$/.exec(file)?.[1] ?? []);
  expect(Object.keys(BUILTIN).sort()).toEqual(names.sort());
});

describe.each(lacking.length === 0 ? (['contained', 'untrusted'] as const) : (['contained'] as const))(
  'at %s',
  (level) => {
    test.each(Object.entries(BUILTIN))('builtin:%s answers', async (name, [event, verdict]) => {
      stage = new ResidentStage(level, layers);
      const entry = join(VALIDATORS, 'builtin', `${name}.mjs`);
      expect(await answerOf('node', level, entry, event)).toMatchObject(verdict);
    });

    test('a module of Node by defineValidator answers', async () => {
      stage = new ResidentStage(level, layers);
      const text = `import { defineValidator, deny, remainingMs } from ${JSON.stringify(join(VALIDATORS, 'api/validator.mjs'))};
      export default defineValidator({
        validate: (event, context) => deny([event.toolName, context.name, remainingMs(context) > 1000].join()),
      });`;
      expect(await answerOf('node', level, stage.write('mine.mjs', text), tool('Bash', {}))).toEqual({
        decision: 'deny',
        reason: 'Bash,mine,true',
      });
    });

    test('a module of Python by the decorator answers', async () => {
      stage = new ResidentStage(level, layers);
      const text = `from hook_supervisor import deny, validator
@validator
def judge(event, context):
    return deny(f"{event['toolName']},{context.name},{context.remaining_ms() > 1000}")
`;
      expect(await answerOf('python', level, stage.write('mine.py', text), tool('Bash', {}))).toEqual({
        decision: 'deny',
        reason: 'Bash,mine,True',
      });
    });
  },
);

test('untrusted is tried where the host gives it', ({ skip }) => {
  stage = new ResidentStage('contained', layers);
  if (lacking.length > 0) skip(`this host lacks ${lacking.join(', ')}`);
});
