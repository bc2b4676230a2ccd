/** Which events a matcher means, as each agent understands it in its own settings. An expression is the user's own,
 *  from the user's own configuration, and trusted not to be one that takes for ever; what it is held against is not, so
 *  that is bounded. */
import { LIMITS } from '../../contract/limits.js';
import type { AgentEvent, EventAgent } from '../../contract/validating.js';
import { titleOf } from './rules.js';

export type Matcher = { ok: true; matches(event: AgentEvent): boolean } | { ok: false; what: string; remedy: string };

type Test = (event: AgentEvent, looked: string) => boolean;

/** @param agents whose events it will be asked about; expressions that one of these cannot understand are a problem. */
export function compileMatcher(text: string, agents: readonly EventAgent[]): Matcher {
  if (isForAll(text)) return { ok: true, matches: () => true };
  const tests = new Map<EventAgent, Test>();
  for (const agent of agents) {
    const test = COMPILE[agent](text);
    if (test === undefined) {
      const what = `matcher "${text}" is no valid expression to ${titleOf(agent)}`;
      return { ok: false, what, remedy: 'give names with | between them, or a valid regular expression' };
    }
    tests.set(agent, test);
  }
  return { ok: true, matches: (event) => isMeant(event, tests.get(event.agent)) };
}

/** Where the agent itself looks at nothing, its matchers mean every event; a text too long to look at might be meant. */
function isMeant(event: AgentEvent, test: Test | undefined): boolean {
  const { matched } = event;
  if (matched === '' || matched.length > LIMITS.matchedMaxCharacters) return test !== undefined;
  return test?.(event, matched) === true;
}

function isForAll(text: string): boolean {
  return ['', '*'].includes(text.trim());
}

const COMPILE: Readonly<Record<EventAgent, (text: string) => Test | undefined>> = {
  claude: (text) => {
    const names = text.split(/[|,]/).map((name) => name.trim());
    const isIn: Test = (_event, looked) => names.includes(looked);
    const narrow = /^[A-Za-z0-9_|]*$/.test(text) ? isIn : unanchored(text);
    const wide = /^[A-Za-z0-9_\-, |]*$/.test(text) ? isIn : unanchored(text);
    if (narrow === undefined || wide === undefined) return undefined;
    return (event, looked) => (NARROW.includes(event.name) ? narrow : wide)(event, looked);
  },
  codex: (text) => {
    const names = text.split('|');
    const test: Test | undefined = /^[A-Za-z0-9_|]*$/.test(text)
      ? (_event, looked) => names.includes(looked)
      : unanchored(text);
    return test && ((event, looked) => [looked, ...(CODEX_ALSO.get(looked) ?? [])].some((one) => test(event, one)));
  },
  // One that is no expression is a name to it.
  gemini: (text) => {
    const expression = unanchored(text.trim());
    const isEqual: Test = (_event, looked) => looked === text.trim();
    return (event, looked) => (event.toolName === null ? isEqual : (expression ?? isEqual))(event, looked);
  },
  cursor: unanchored,
  copilot: (text) => {
    if (text.trim() === '**') return () => true;
    const expression = compiled(`^(?:${text})$`);
    return expression && ((_event, looked) => [looked, ...copilotNames(looked)].some((one) => expression.test(one)));
  },
};

/** To Claude Code a list of names may hold less there. */
const NARROW = ['FileChanged', 'StopFailure'];

/** Names of Claude Code's that its followers take for their own tools. */
const CODEX_ALSO: ReadonlyMap<string, readonly string[]> = new Map([
  ['apply_patch', ['Write', 'Edit']],
  ['spawn_agent', ['Agent']],
]);
const COPILOT_ALSO: ReadonlyMap<string, readonly string[]> = new Map([
  ['Bash', ['bash', 'powershell']],
  ['Read', ['view']],
  ['Write', ['create']],
  ['Edit', ['edit', 'str_replace_editor', 'apply_patch']],
  ['Grep', ['grep', 'rg']],
  ['Glob', ['glob']],
  ['WebFetch', ['web_fetch']],
  ['WebSearch', ['web_search']],
  ['AskUserQuestion', ['ask_user']],
  ['TodoWrite', ['update_todo']],
  ['Agent', ['task', 'Task']],
]);

/** It tells the one name or the other, by how its hooks are configured. Of several that it may have meant, each counts. */
function copilotNames(looked: string): readonly string[] {
  return COPILOT_ALSO.get(looked) ?? [];
}

function unanchored(text: string): Test | undefined {
  const expression = compiled(text);
  return expression && ((_event, looked) => expression.test(looked));
}

function compiled(text: string): RegExp | undefined {
  try {
    return new RegExp(text);
  } catch {
    return undefined;
  }
}
