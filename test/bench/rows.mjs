// What is compared, and the goals. A ratio is between medians of one run, in which direct and supervised take turns.
import { CLIENT } from './supervisor.mjs';

/** It takes a tenth of a second and more directly, and that is no goal. */
const SHIM_ROUNDS_MAX = 11;
const SHIM_TIMES_MAX = 1.1;
/** Its goal is a difference of tenths of a millisecond between two medians, and a round takes only a few. */
const NO_OP_ROUNDS_TIMES = 5;
/** Hooks that one event starts together. Goals are set as far as the memory set aside lets processes be parked on a small machine. */
const BURSTS = [1, 4, 8, 24];
const BURST_GOAL_MAX = 8;

const PYTHON_GOAL = fasterAtLeast({ C: 12, Node: 8 });
const COMMON_JS_GOAL = fasterAtLeast({ C: 4, Node: 4 });
const ES_MODULE_GOAL = fasterAtLeast({ C: 3, Node: 3 });

const throughClient = (command) => [CLIENT, 'run', '--', ...command];

/** `path`: how a supervised call must be answered, or the figures would be of something else. `daemonCommands`: how many of
 *  the commands go through the daemon, if not all but the first. */
export function row(name, command, more) {
  return {
    name,
    commands: [command, throughClient(command)],
    atOnce: 1,
    path: 'worker',
    roundsMax: Number.POSITIVE_INFINITY,
    roundsTimes: 1,
    ...more,
  };
}

export function rowsOf({ programs, python, shim }) {
  const { hook, commonJs, esModule } = hooksOf({ programs, python });
  const rows = [
    row('no-op (exec)', [programs.echo], { path: 'exec', goal: addsAtMostMs(1.0), roundsTimes: NO_OP_ROUNDS_TIMES }),
    row('bash, built-ins only', ['/bin/bash', programs.builtins], { path: 'exec' }),
    row('python, five imports', hook, { goal: PYTHON_GOAL }),
    row('node, CommonJS hook', commonJs, { goal: COMMON_JS_GOAL }),
    row('node, ES module hook', esModule, { goal: ES_MODULE_GOAL }),
    row('python, four at once', hook, { atOnce: 4, goal: PYTHON_GOAL }),
    // How much of that is the starting of four processes.
    row('no-op, four at once', [programs.echo], { path: 'exec', atOnce: 4 }),
  ];
  if (shim !== undefined) {
    const command = [shim.file, programs.imports];
    const byPath = { name: 'what it starts, by its path', command: throughClient([shim.behind, programs.imports]) };
    rows.push(row('python through its shim', command, { byPath, roundsMax: SHIM_ROUNDS_MAX, goal: asByPath() }));
  }
  return rows;
}

/** All hooks of one event at once, by their number. */
export function burstRowsOf({ programs, python }) {
  const { hook, commonJs, esModule } = hooksOf({ programs, python });
  const kinds = [
    { name: 'python', command: hook, goal: PYTHON_GOAL },
    { name: 'node, CommonJS', command: commonJs, goal: COMMON_JS_GOAL },
    { name: 'node, ES module', command: esModule, goal: ES_MODULE_GOAL },
  ];
  return kinds.flatMap(({ name, command, goal }) =>
    BURSTS.map((atOnce) =>
      row(`${name}, ${atOnce} at once`, command, { atOnce, goal: atOnce <= BURST_GOAL_MAX ? goal : undefined }),
    ),
  );
}

function hooksOf({ programs, python }) {
  return {
    hook: [python.file, programs.imports],
    commonJs: [process.execPath, programs.commonJs],
    esModule: [process.execPath, programs.esModule],
  };
}

function addsAtMostMs(maxMs) {
  return {
    text: () => `adds <= ${maxMs.toFixed(1)} ms`,
    isMet: ({ addedMs }) => addedMs <= maxMs,
  };
}

/** A shim is to cost nothing: what it starts is as near as by its own path. */
function asByPath() {
  return {
    text: () => `<= ${SHIM_TIMES_MAX}x by its path`,
    isMet: ({ timesByPath }) => timesByPath <= SHIM_TIMES_MAX,
  };
}

function fasterAtLeast(timesByParent) {
  return {
    text: (parent) => `>= ${timesByParent[parent]}x`,
    isMet: ({ parent, times }) => times >= timesByParent[parent],
  };
}
