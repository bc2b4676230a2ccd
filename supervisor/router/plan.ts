/** From a call to what is to be run. Pure over the facts: the same call and files give the same plan. */
import type { Call, Plan } from '../contract/call.js';
import type { Facts } from './facts.js';
import { type Command, follow, variable } from './follow.js';
import { recogniseNode } from './node.js';
import { parseNodeArgv } from './node-argv.js';
import { nodeStartEnvironment } from './node-key.js';
import { isRunnable, resolveCommand, resolveInShell } from './path.js';
import { recognisePython } from './python.js';
import { parsePythonArgv } from './python-argv.js';
import { startEnvironment } from './python-key.js';
import { commandEnvironment, shellVariables, variableValue } from './shell-environment.js';
import { parseShellText } from './shell-subset.js';
import type { InterpreterPlan, StartVariables } from './start-key.js';

export function plan(call: Call, facts: Facts): Plan {
  if (!call.shellText) return planCommand(call, facts);
  const [shell, option, text] = call.argv;
  const pathVariable = variable(call.env, 'PATH');
  const found = resolveCommand(shell ?? '', pathVariable, call.cwd, facts.file);
  const whole = (reason: string) => exec(found.path, call.argv, call.env, reason);
  if (text === undefined || option !== '-c' || call.argv.length !== 3) return whole('not a shell text');
  const model = found.path.startsWith('/') ? facts.shell(found.path) : undefined;
  if (model === undefined) return whole('the shell is not one whose texts are recognised');
  // dash puts an ignored SIGCHLD back to its default.
  if (model.kind === 'dash' && (ignoredSignals(call) >> (SIGCHLD - 1n)) & 1n) return whole('SIGCHLD is ignored');
  const variables = shellVariables(model, call.env, call.cwd, facts.file);
  if ('reason' in variables) return whole(`shell text: ${variables.reason}`);
  const parse = parseShellText(text, (name) => variableValue(variables, name));
  if (parse.kind === 'shell') return whole(`shell text: ${parse.reason}`);
  const command = resolveInShell(parse.argv[0] as string, variableValue(variables, 'PATH'), call.cwd, facts.file);
  if (command === undefined || !isRunnable(command.facts, facts.file)) return whole('shell text: no such program');
  const env = commandEnvironment(model, variables, parse.assignments, command.path);
  const routed = planFile({ path: command.path, file: command.facts, argv: parse.argv, env }, call, facts);
  return { ...routed, throughShell: !model.becomesCommand };
}

function planCommand(call: Call, facts: Facts): Plan {
  const found = resolveCommand(call.argv[0] ?? '', variable(call.env, 'PATH'), call.cwd, facts.file);
  if (found.facts === undefined) return exec(found.path, call.argv, call.env, '');
  return planFile({ path: found.path, file: found.facts, argv: call.argv, env: call.env }, call, facts);
}

/** `command`: what the call executes at first. */
function planFile(command: Command, call: Call, facts: Facts): Plan {
  const { path, argv, env } = command;
  const last = follow(command, call.cwd, ignoredSignals(call) !== 0n, facts);
  const start = typeof last === 'string' ? last : startOf(last, call.cwd, facts);
  if (typeof start === 'string') return exec(path, argv, env, start);
  return { kind: 'interpreter', ...start, fallback: { path, argv, env }, throughShell: false };
}

type Start = Omit<InterpreterPlan, 'kind' | 'fallback' | 'throughShell'>;

/** How a warm interpreter does it. A string says why none can; '' where none is in question. */
function startOf({ path, file, argv, env }: Command, cwd: string, facts: Facts): Start | string {
  const node = recogniseNode(path, cwd, file);
  if (typeof node === 'string') return node;
  if (node !== undefined)
    return interpreterStart('node', node.path, parseNodeArgv(argv), nodeStartEnvironment(env), argv, env);
  const python = recognisePython(path, cwd, file, facts.file);
  if (python === undefined || typeof python === 'string') return python ?? '';
  const line = parsePythonArgv(argv, python.minor);
  return interpreterStart('python', python.path, line, startEnvironment(env), argv, env);
}

function interpreterStart(
  runtime: Start['runtime'],
  interpreter: string,
  line: Pick<Start, 'flags' | 'program'> | { unsupported: string },
  startEnv: StartVariables,
  argv: readonly string[],
  env: readonly string[],
): Start | string {
  if ('unsupported' in line) return `${runtime}: ${line.unsupported}`;
  if ('unsupported' in startEnv) return `${runtime}: ${startEnv.unsupported}`;
  return { runtime, interpreter, flags: line.flags, startEnv, program: line.program, argv, env };
}

function exec(path: string, argv: readonly string[], env: readonly string[], reason: string): Plan {
  return { kind: 'exec', path, argv, env, reason, throughShell: false };
}

const SIGCHLD = 17n;
/** struct inherited in wire.h: umask, nice, then the set of ignored signals, bit n-1 for signal n. */
const IGNORED_SIGNALS_OFFSET = 8;
/** 32 and 33: C libraries keep them for themselves and leave them ignored in what they start. */
const LIBC_SIGNALS = 0b11n << 31n;

function ignoredSignals(call: Call): bigint {
  return call.inherited.readBigUInt64LE(IGNORED_SIGNALS_OFFSET) & ~LIBC_SIGNALS;
}
