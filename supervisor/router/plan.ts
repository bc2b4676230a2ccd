/** From a call to what is to be run. Pure over the facts: the same call and files give the same plan. */
import type { Call, Plan } from '../contract/call.js';
import type { Facts } from './facts.js';
import type { FileFacts } from './file-facts.js';
import { type NodeInterpreter, recogniseNode } from './node.js';
import { parseNodeArgv } from './node-argv.js';
import { nodeStartEnvironment } from './node-key.js';
import { isRunnable, resolveCommand, resolveInShell } from './path.js';
import { recognisePython } from './python.js';
import { parsePythonArgv } from './python-argv.js';
import { startEnvironment } from './python-key.js';
import { commandEnvironment, shellVariables, variableValue } from './shell-environment.js';
import { parseShellText } from './shell-subset.js';

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
  if (model.kind === 'dash' && ignoresSignal(call, SIGCHLD)) return whole('SIGCHLD is ignored');
  const variables = shellVariables(model, call.env, call.cwd, facts.file);
  if ('reason' in variables) return whole(`shell text: ${variables.reason}`);
  const parse = parseShellText(text, (name) => variableValue(variables, name));
  if (parse.kind === 'shell') return whole(`shell text: ${parse.reason}`);
  const command = resolveInShell(parse.argv[0] as string, variableValue(variables, 'PATH'), call.cwd, facts.file);
  if (command === undefined || !isRunnable(command.facts, facts.file)) return whole('shell text: no such program');
  const env = commandEnvironment(model, variables, parse.assignments, command.path);
  const routed = planFile(command.path, command.facts, parse.argv, env, call.cwd, facts);
  return { ...routed, throughShell: !model.becomesCommand };
}

function planCommand(call: Call, facts: Facts): Plan {
  const found = resolveCommand(call.argv[0] ?? '', variable(call.env, 'PATH'), call.cwd, facts.file);
  if (found.facts === undefined) return exec(found.path, call.argv, call.env, '');
  return planFile(found.path, found.facts, call.argv, call.env, call.cwd, facts);
}

function planFile(
  path: string,
  file: FileFacts,
  argv: readonly string[],
  env: readonly string[],
  cwd: string,
  facts: Facts,
): Plan {
  const node = recogniseNode(path, cwd, file);
  if (node !== undefined) return planNode(node, path, argv, env);
  const python = recognisePython(path, cwd, file, facts.file);
  if (python === undefined || typeof python === 'string') return exec(path, argv, env, python ?? '');
  const line = parsePythonArgv(argv, python.minor);
  if ('unsupported' in line) return exec(path, argv, env, `python: ${line.unsupported}`);
  const startEnv = startEnvironment(env);
  if ('unsupported' in startEnv) return exec(path, argv, env, `python: ${startEnv.unsupported}`);
  return {
    kind: 'interpreter',
    runtime: 'python',
    interpreter: python.path,
    flags: line.flags,
    startEnv,
    program: line.program,
    argv,
    env,
    fallback: { path },
    throughShell: false,
  };
}

function planNode(node: NodeInterpreter | string, path: string, argv: readonly string[], env: readonly string[]): Plan {
  if (typeof node === 'string') return exec(path, argv, env, node);
  const line = parseNodeArgv(argv);
  if ('unsupported' in line) return exec(path, argv, env, `node: ${line.unsupported}`);
  const startEnv = nodeStartEnvironment(env);
  if ('unsupported' in startEnv) return exec(path, argv, env, `node: ${startEnv.unsupported}`);
  const { flags, program } = line;
  const interpreter = node.path;
  return {
    kind: 'interpreter',
    runtime: 'node',
    interpreter,
    flags,
    startEnv,
    program,
    argv,
    env,
    fallback: { path },
    throughShell: false,
  };
}

function exec(path: string, argv: readonly string[], env: readonly string[], reason: string): Plan {
  return { kind: 'exec', path, argv, env, reason, throughShell: false };
}

/** The first, as getenv finds it. */
function variable(env: readonly string[], name: string): string | undefined {
  const start = `${name}=`;
  return env.find((entry) => entry.startsWith(start))?.slice(start.length);
}

const SIGCHLD = 17;
/** struct inherited in wire.h: umask, nice, then the set of ignored signals, bit n-1 for signal n. */
const IGNORED_SIGNALS_OFFSET = 8;

function ignoresSignal(call: Call, signal: number): boolean {
  const byte = call.inherited[IGNORED_SIGNALS_OFFSET + ((signal - 1) >> 3)] ?? 0;
  return (byte & (1 << ((signal - 1) & 7))) !== 0;
}
