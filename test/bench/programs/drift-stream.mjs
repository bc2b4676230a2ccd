// A stream of tool results from many sessions at once, each of which now and then fails again, edits again what it has edited, takes the
// file of another or runs longer: what analysers of drift look for. Beside each event stand the plain facts from which a reference
// tells what is to be found. The same seed makes the same stream.
import { seeded } from '../../storm/random.mjs';

const COMMANDS = ['npm test', 'make', 'git status', 'node build.mjs', 'cargo check', 'ls -la'];
const FILES_OF_SESSION = 12;
const SHARED_FILES = 20;

export function driftStream({ seed, sessions, events }) {
  const random = seeded(seed);
  const among = (list) => list[Math.floor(random() * list.length)];
  return Array.from({ length: events }, () => {
    const session = `session-${Math.floor(random() * sessions)}`;
    const agent = random() < 0.2 ? 'helper' : 'main';
    return random() < 0.5 ? commandOf(random, among, session, agent) : editOf(random, among, session, agent);
  });
}

function commandOf(random, among, session, agent) {
  const command = among(COMMANDS);
  const isFailed = random() < 0.6;
  const durationMs = Math.round(random() < 0.1 ? 30_000 + random() * 1e5 : 1_000 + random() * 4_000);
  const characters = random() < 0.05 ? 60_000 : Math.round(random() * 2_000);
  const raw = {
    tool_response: { stdout: 'x'.repeat(characters), exit_code: isFailed ? 1 : 0 },
    duration_ms: durationMs,
  };
  const fact = { session, agent, call: command, label: command, isFailed, edit: undefined, durationMs, characters };
  return { event: eventOf(session, agent, 'Bash', { command }, raw), fact };
}

function editOf(random, among, session, agent) {
  const isShared = random() < 0.3;
  const path = isShared
    ? `/project/shared${Math.floor(random() * SHARED_FILES)}.ts`
    : `/project/${session}/file${Math.floor(random() * FILES_OF_SESSION)}.ts`;
  const input = { file_path: path, old_string: 'a', new_string: among(['b', 'c', 'd']) };
  const raw = { tool_response: {}, duration_ms: 20 };
  const change = JSON.stringify(input);
  const fact = {
    session,
    agent,
    call: change,
    label: 'Edit',
    isFailed: false,
    edit: { path, change },
    durationMs: 20,
    characters: 0,
  };
  return { event: eventOf(session, agent, 'Edit', input, raw), fact };
}

function eventOf(session, agent, toolName, toolInput, more) {
  const raw = {
    ...{ session_id: session, transcript_path: '/t', cwd: '/project', permission_mode: 'default', tool_use_id: 't' },
    ...{ hook_event_name: 'PostToolUse', tool_name: toolName, tool_input: toolInput, ...more },
    ...(agent === 'main' ? {} : { agent_id: agent }),
  };
  const told = { agent: 'claude', name: 'PostToolUse', sessionId: session, cwd: '/project', matched: toolName };
  return { ...told, toolName, toolInput, raw };
}
