/** What a tool has done, as far as the analysers want to know: nothing of a file's or a command's text is kept, only its digest. */
import { createHash } from 'node:crypto';
import { filesOf, shellTextOf } from '../lib/tools.mjs';
import { textsIn } from '../secrets/texts.mjs';

const RESULT_EVENTS = [
  'PostToolUse',
  'PostToolUseFailure',
  'AfterTool',
  'postToolUse',
  'postToolUseFailure',
  'afterShellExecution',
  'afterFileEdit',
];
const LABEL_MAX_CHARACTERS = 80;
const DIGEST_CHARACTERS = 16;
const MAIN = 'main';

/**
 * @typedef {object} Result
 * @property {string} sessionId
 * @property {string} agentId `main`, or that of an agent within the session
 * @property {string} label for people: a command or a tool's name
 * @property {string} key equal for equal calls
 * @property {boolean} isFailed
 * @property {{path: string, change: string, isWhole: boolean}[]} edits `change`: equal for equal changes
 * @property {number | null} durationMs
 * @property {number} outputCharacters
 */

/** @returns {Result | undefined} */
export function resultOf(event) {
  if (!RESULT_EVENTS.includes(event.name)) return undefined;
  const { raw, toolInput, toolName } = event;
  const shell = shellTextOf(event) ?? (event.name === 'afterShellExecution' ? raw.command : undefined);
  return {
    sessionId: event.sessionId,
    agentId: typeof raw.agent_id === 'string' && raw.agent_id !== '' ? raw.agent_id : MAIN,
    label: (shell ?? toolName ?? event.name).replace(/\s+/g, ' ').slice(0, LABEL_MAX_CHARACTERS),
    key: digest([toolName, shell ?? toolInput]),
    isFailed: isFailure(event),
    edits: editsOf(event),
    durationMs: firstNumber(raw.duration_ms, raw.duration),
    outputCharacters: textsIn(raw.tool_response ?? raw.tool_output ?? raw.output).reduce(
      (sum, { text }) => sum + text.length,
      0,
    ),
  };
}

function digest(value) {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64').slice(0, DIGEST_CHARACTERS);
}

function firstNumber(...values) {
  return values.find((value) => Number.isFinite(value)) ?? null;
}

function isFailure({ name, raw }) {
  if (/Failure$/.test(name)) return true;
  const response = raw.tool_response ?? raw.tool_output;
  if (typeof response !== 'object' || response === null) return false;
  const code = response.exit_code ?? response.exitCode ?? response.returncode;
  return (
    response.is_error === true ||
    (Number.isInteger(code) && code !== 0) ||
    (response.error !== undefined && response.error !== null)
  );
}

/** Tools that replace a part of a file name the old text; without one the whole file is written. */
function editsOf(event) {
  const { raw, toolInput } = event;
  const named = event.name === 'afterFileEdit' ? [{ use: 'write', path: raw.file_path }] : filesOf(event);
  const input = toolInput ?? raw;
  const isWhole = input.old_string === undefined && input.edits === undefined && input.old_str === undefined;
  return named
    .filter(({ use, path }) => use === 'write' && typeof path === 'string')
    .map(({ path }) => ({ path, change: digest([path, input]), isWhole: isWhole && event.toolName !== 'apply_patch' }));
}
