// What is compared, and the goals. A ratio is between medians of one run, in which direct and supervised take turns.
import { CLIENT } from './supervisor.mjs';

/** It takes a tenth of a second and more, and is no goal. */
const SHIM_ROUNDS_MAX = 11;

const throughClient = (command) => [CLIENT, 'run', '--', ...command];

/** `path`: how a supervised call must be answered, or the figures would be of something else. */
export function rowsOf({ programs, python, shim }) {
  const row = (name, command, more) => ({
    name,
    commands: [command, throughClient(command)],
    atOnce: 1,
    path: 'worker',
    roundsMax: Number.POSITIVE_INFINITY,
    ...more,
  });
  const hook = [python.file, programs.imports];
  const rows = [
    row('no-op (exec)', [programs.echo], { path: 'exec', goal: addsAtMostMs(1.0) }),
    row('bash, built-ins only', ['/bin/bash', programs.builtins], { path: 'exec' }),
    row('python, five imports', hook, { goal: fasterAtLeast({ C: 12, Node: 8 }) }),
    row('node, CommonJS hook', [process.execPath, programs.commonJs], { goal: fasterAtLeast({ C: 4, Node: 4 }) }),
    row('node, ES module hook', [process.execPath, programs.esModule], { goal: fasterAtLeast({ C: 3, Node: 3 }) }),
    row('python, four at once', hook, { atOnce: 4, goal: fasterAtLeast({ C: 12, Node: 8 }) }),
    // How much of that is the starting of four processes.
    row('no-op, four at once', [programs.echo], { path: 'exec', atOnce: 4 }),
  ];
  // A shim is a shell script that starts the interpreter: it is run as any command is.
  if (shim !== undefined) {
    const command = [shim.file, programs.imports];
    rows.push(row('python through its shim', command, { path: 'exec', roundsMax: SHIM_ROUNDS_MAX }));
  }
  return rows;
}

function addsAtMostMs(maxMs) {
  return {
    text: () => `adds <= ${maxMs.toFixed(1)} ms`,
    isMet: ({ addedMs }) => addedMs <= maxMs,
  };
}

function fasterAtLeast(timesByParent) {
  return {
    text: (parent) => `>= ${timesByParent[parent]}x`,
    isMet: ({ parent, times }) => times >= timesByParent[parent],
  };
}
