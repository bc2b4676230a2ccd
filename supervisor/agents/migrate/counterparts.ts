/** What stands for what at the agents whose hooks we have run: events, and tools by the names that matchers have. In the words of
 *  Claude Code; what one of them lacks, or names in a way that was not seen, is not here. */

export type Measured = 'claude' | 'gemini' | 'codex';

const SAME = (names: string) => names.split(' ').map((name): [string, string] => [name, name]);

/** By the name that Claude Code gives them. */
const EVENTS: Record<Measured, ReadonlyMap<string, string> | undefined> = {
  claude: undefined,
  gemini: new Map([
    ...SAME('SessionStart SessionEnd'),
    ['UserPromptSubmit', 'BeforeAgent'],
    ['PreToolUse', 'BeforeTool'],
    ['PostToolUse', 'AfterTool'],
    ['Stop', 'AfterAgent'],
  ]),
  codex: new Map(
    SAME(
      'SessionStart SessionEnd SubagentStart SubagentStop UserPromptSubmit PreToolUse PermissionRequest PostToolUse Stop',
    ),
  ),
};

const TOOLS: Record<Measured, ReadonlyMap<string, string> | undefined> = {
  claude: undefined,
  gemini: new Map([
    ['Bash', 'run_shell_command'],
    ['Read', 'read_file'],
    ['Write', 'write_file'],
    ['Edit', 'replace'],
  ]),
  codex: new Map(SAME('Bash')),
};

const TOOL_EVENTS = ['PreToolUse', 'PostToolUse', 'PermissionRequest'];

export function eventAt(from: Measured, to: Measured, event: string): string | undefined {
  return translated(EVENTS, from, to, event);
}

/** Undefined: it names what the other does not know, or not by a list of tools. */
export function matcherAt(from: Measured, to: Measured, event: string, matcher: string): string | undefined {
  if (matcher === '' || matcher === '*') return matcher;
  const common = inClaudesWords(EVENTS, from, event);
  if (common === undefined || !TOOL_EVENTS.includes(common) || !/^\w+(\|\w+)*$/.test(matcher)) return undefined;
  const tools = matcher.split('|').map((tool) => translated(TOOLS, from, to, tool));
  return tools.includes(undefined) ? undefined : tools.join('|');
}

function translated(table: typeof EVENTS, from: Measured, to: Measured, name: string): string | undefined {
  const common = inClaudesWords(table, from, name);
  return common === undefined || table[to] === undefined ? common : table[to].get(common);
}

function inClaudesWords(table: typeof EVENTS, from: Measured, name: string): string | undefined {
  const names = table[from];
  return names === undefined ? name : [...names].find(([, own]) => own === name)?.[0];
}
