/** hook-supervisor: runs commands before and after the tools of opencode.
 *
 *  `supervisor install opencode` puts a copy of this file into opencode's folder of plugins. Which commands is written beside that
 *  folder, in hook-supervisor.json, never in a project: a repository must not bring commands along that run unasked. Imports
 *  nothing but Node's own modules, since nothing of ours lies beside the copy. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const HOOKS_FILE = fileURLToPath(new URL('../hook-supervisor.json', import.meta.url));
const TIMEOUT_MS = 60_000;
const REASON_MAX_BYTES = 64 * 1024;
/** What refuses a tool, as for other agents; any other failure does not. */
const REFUSES = 2;

type Event = 'tool.execute.before' | 'tool.execute.after';

interface Hook {
  command: string;
  args?: string[];
  /** Seconds. */
  timeout?: number;
}

interface Group {
  matcher?: string;
  hooks: Hook[];
}

/** What a command reads. Names and input of the tool are those of opencode. */
interface Told {
  hook_event_name: Event;
  session_id: string;
  cwd: string;
  tool_name: string;
  tool_input: unknown;
  tool_use_id: string;
  tool_response?: unknown;
}

/** Those that match, in their order.
 *  @throws Error where the file is not as it has to be: then it cannot be told what should have been refused. */
async function hooksFor({ hook_event_name: event, tool_name: tool }: Told): Promise<Hook[]> {
  let text: string;
  try {
    text = await readFile(HOOKS_FILE, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    const { hooks = {} } = JSON.parse(text) as { hooks?: Partial<Record<Event, Group[]>> };
    const found = (hooks[event] ?? []).filter(({ matcher }) => matches(matcher, tool)).flatMap((group) => group.hooks);
    if (found.some((hook) => typeof hook?.command !== 'string')) throw new Error('a hook has no command');
    return found;
  } catch (error) {
    throw new Error(`${HOOKS_FILE}: ${(error as Error).message}`);
  }
}

function matches(matcher: string | undefined, tool: string): boolean {
  return matcher === undefined || matcher === '' || matcher === '*' || new RegExp(`^(?:${matcher})$`).test(tool);
}

/** @returns why the tool is refused; undefined where it is not. */
function answerOf({ command, args, timeout }: Hook, told: Told): Promise<string | undefined> {
  return new Promise((resolve) => {
    const [file, words] = args === undefined ? ['/bin/sh', ['-c', command]] : [command, args];
    // A group of its own: at its time all of it ends.
    const child = spawn(file, words, { cwd: told.cwd, detached: true, stdio: ['pipe', 'ignore', 'pipe'] });
    let reason = '';
    const end = () => {
      clearTimeout(timer);
      resolve(child.exitCode === REFUSES ? reason.trim() || `${command}: exit ${REFUSES}` : undefined);
    };
    const late = () => {
      endGroup(child.pid);
      end(); // what has left the group may hold its stderr for ever
    };
    const timer = setTimeout(late, timeout === undefined ? TIMEOUT_MS : timeout * 1_000);
    child.on('error', end);
    child.on('close', end);
    child.stderr.on('data', (bytes) => {
      if (reason.length < REASON_MAX_BYTES) reason += bytes;
    });
    child.stdin.on('error', () => {}); // it need not read
    child.stdin.end(JSON.stringify(told));
  });
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // all of it has ended
  }
}

/** @throws Error with the reasons, which opencode takes for a refusal. */
async function before(told: Told): Promise<void> {
  const hooks = await hooksFor(told);
  const answers = await Promise.all(hooks.map((hook) => answerOf(hook, told)));
  const reasons = answers.filter((answer) => answer !== undefined);
  if (reasons.length > 0) throw new Error(reasons.join('\n'));
}

/** The tool has run: nothing that a command says changes that. */
async function after(told: Told): Promise<void> {
  const hooks = await hooksFor(told).catch(() => []);
  await Promise.all(hooks.map((hook) => answerOf(hook, told)));
}

interface FirstCall {
  tool: string;
  sessionID: string;
  callID: string;
  args?: unknown;
}

/** opencode 1. */
async function server({ directory }: { directory: string }) {
  const told = (event: Event, { tool, sessionID, callID }: FirstCall, input: unknown): Told => {
    const ids = { session_id: sessionID, tool_use_id: callID };
    return { hook_event_name: event, ...ids, cwd: directory, tool_name: tool, tool_input: input };
  };
  return {
    'tool.execute.before': (call: FirstCall, { args }: { args: unknown }) =>
      before(told('tool.execute.before', call, args)),
    'tool.execute.after': (call: FirstCall, output: unknown) =>
      after({ ...told('tool.execute.after', call, call.args), tool_response: output }),
  };
}

interface SecondCall {
  tool: string;
  sessionID: string;
  id: string;
  input: unknown;
  result?: unknown;
  error?: unknown;
}

interface SecondHost {
  location?: { directory?: string };
  tool: { hook(name: string, hook: (call: SecondCall) => Promise<void>): Promise<unknown> };
}

/** opencode 2. */
async function setup({ location, tool: tools }: SecondHost): Promise<void> {
  const cwd = location?.directory ?? process.cwd();
  const told = (event: Event, { tool, sessionID, id, input }: SecondCall): Told => {
    return { hook_event_name: event, session_id: sessionID, tool_use_id: id, cwd, tool_name: tool, tool_input: input };
  };
  await tools.hook('execute.before', (call) => before(told('tool.execute.before', call)));
  await tools.hook('execute.after', (call) =>
    after({ ...told('tool.execute.after', call), tool_response: call.result ?? call.error }),
  );
}

export default { id: 'hook-supervisor', server, setup };
