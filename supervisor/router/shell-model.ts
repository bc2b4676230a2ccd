/** Proves a shell once: runs it on a text whose outcome is foretold, and believes in the model only if every byte is
 *  as expected. A shell of another kind or version that differs is simply run, always. */
import { basename } from 'node:path';
import type { FileLookup } from './file-facts.js';
import { runProof } from './run-proof.js';
import { commandEnvironment, type ShellModel, shellVariables, variableValue } from './shell-environment.js';
import { parseShellText } from './shell-subset.js';

/** What /proc says of the command itself: argv, environment, and, last, its parent. */
const PROOF_TEXT = `ADDED='a b' /bin/cat "/proc/$SELF"/cmdline \${FILES} /proc/self/'stat'`;
const PROOF_ENV = [
  'PATH=/usr/bin:/bin',
  'SELF=self',
  'FILES=/proc/self/environ',
  'TWICE=1',
  'SHLVL=3',
  'OLDPWD=/nowhere/at/all',
  'PWD=/nowhere',
  'PS1=prompt',
  'HIGH=\xc3\x81', // UTF-8, as byte string
  'HOME=/nowhere',
  'TERM=dumb',
];

/** undefined: not a shell whose texts are recognised, or one that behaves differently. 'unproved': it was stopped before
 *  it could show, by the time limit or by somebody's signal. */
export async function proveShell(path: string, file: FileLookup): Promise<ShellModel | undefined | 'unproved'> {
  const realName = basename(file(path)?.realPath ?? '');
  if (realName !== 'dash' && realName !== 'bash') return undefined;
  // A restricted shell by its name.
  if (basename(path).startsWith('r') || basename(path).startsWith('-')) return undefined;
  const said = await runProof(path, ['-c', PROOF_TEXT], PROOF_ENV);
  if (said === undefined) return 'unproved';
  const parts = said.split('\0');
  const stat = parts.pop() ?? '';
  const parentPid = Number(/^\d+ \(cat\) \S (\d+) /.exec(stat)?.[1] ?? 0);
  const levelStep = parts.includes('SHLVL=4') ? 1 : 0;
  const model: ShellModel = { kind: realName, levelStep, becomesCommand: parentPid === process.pid };
  return parts.join('\0') === foretold(model, file) ? model : undefined;
}

function foretold(model: ShellModel, file: FileLookup): string | undefined {
  const variables = shellVariables(model, PROOF_ENV, '/', file);
  if ('reason' in variables) return undefined;
  const parse = parseShellText(PROOF_TEXT, (name) => variableValue(variables, name));
  if (parse.kind === 'shell') return undefined;
  return [...parse.argv, ...commandEnvironment(model, variables, parse.assignments, '/bin/cat')].join('\0');
}
