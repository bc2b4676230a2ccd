/** A session as an agent with three validators has it: commands and files that come again, some often, and files that change in
 *  between, also within one step of the clock and to another content of the same length. Each answer is computed afresh as well and
 *  compared. The same seed makes the same session. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILES = 24;
const COMMANDS = ['ls', 'git status', 'npm test', 'git diff', 'rm -rf build', 'cat notes', 'make', 'curl example.org'];
const CONTENTS = ['plain text', 'token=abcd', 'other text', 'token=efgh'];
const SESSION = 's1';
const SPECS = { commands: { name: 'commands' }, paths: { name: 'paths' }, secrets: { name: 'secrets' } };

/** What each depends on is declared as its author would. */
function validatorsOf(folder) {
  const policy = join(folder, 'policy');
  const rule = { ttlMs: 300_000, fields: [], files: [], env: [], scope: 'project', negative: true };
  return {
    commands: {
      rule: { ...rule, fields: ['tool_input.command'], files: [policy], env: ['MODE'] },
      answer: ({ toolInput }, env) => {
        const isWild = env.MODE === 'strict' && /rm|curl/.test(toolInput.command ?? '');
        return {
          decision: isWild ? 'deny' : 'allow',
          reason: `${toolInput.command} by ${text(policy)} in ${env.MODE}`,
        };
      },
    },
    paths: {
      rule: { ...rule, fields: ['tool_input.file_path'], files: [policy] },
      answer: ({ toolInput }) => ({
        decision: toolInput.file_path.endsWith(text(policy)) ? 'ask' : 'allow',
        reason: text(policy),
      }),
    },
    secrets: {
      rule: { ...rule, files: ['field:tool_input.file_path'] },
      answer: ({ toolInput }) => {
        const content = text(toolInput.file_path);
        return content?.includes('token') ? { decision: 'deny', reason: content } : {};
      },
    },
  };
}

/** @param {(what: object) => Promise<object>} ask has a validator's `compute` called, or answers without it; gives the verdict.
 *  @returns {Promise<{ asked: number, computed: number, stale: object[] }>} */
export async function replaySession({ ask, folder, events = 500, seed = 1 }) {
  const random = chance(seed);
  const among = (list) => list[Math.floor(random() ** 2 * list.length)];
  const validators = validatorsOf(folder);
  const paths = Array.from({ length: FILES }, (_, n) => join(folder, `file${n}`));
  const env = { MODE: 'strict' };
  const counts = { asked: 0, computed: 0, stale: [] };
  const change = () => {
    const path = among(paths);
    if (random() < 0.1) rmSync(path, { force: true });
    else writeFileSync(path, among(CONTENTS));
  };
  const one = async (name, event) => {
    const { rule, answer } = validators[name];
    const compute = async () => {
      counts.computed++;
      return answer(event, env);
    };
    counts.asked++;
    const given = await ask({ spec: SPECS[name], rule, event, env: (variable) => env[variable], compute });
    return { name, event, given };
  };
  writeFileSync(join(folder, 'policy'), '0');
  for (let n = 0; n < events; n++) {
    if (random() < 0.3) change();
    if (random() < 0.02) writeFileSync(join(folder, 'policy'), String(Math.floor(random() * 3)));
    if (random() < 0.01) env.MODE = env.MODE === 'strict' ? 'loose' : 'strict';
    const isCommand = random() < 0.5;
    const input = isCommand ? { command: among(COMMANDS) } : { file_path: among(paths) };
    const event = eventOf(isCommand ? 'Bash' : 'Edit', input, folder, n);
    const names = isCommand ? ['commands'] : ['paths', 'secrets'];
    // Some agents fire the same event for two hooks of one validator.
    const all = random() < 0.1 ? [...names, ...names] : names;
    for (const { name, given } of await Promise.all(all.map((validator) => one(validator, event)))) {
      const fresh = validators[name].answer(event, env);
      if (JSON.stringify(fresh) !== JSON.stringify(given)) counts.stale.push({ n, name, input, fresh, given });
    }
  }
  return counts;
}

function eventOf(toolName, toolInput, cwd, n) {
  const raw = { session_id: SESSION, cwd, hook_event_name: 'PreToolUse', permission_mode: 'default' };
  return {
    ...{ agent: 'claude', name: 'PreToolUse', sessionId: SESSION, cwd, matched: toolName, toolName, toolInput },
    raw: { ...raw, tool_name: toolName, tool_input: toolInput, tool_use_id: `toolu_${n}` },
  };
}

function text(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** mulberry32: 0 <= random < 1. */
function chance(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
