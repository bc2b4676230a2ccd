/** The environment that dash or bash gives to the command of a simple `-c` text. Both rebuild it: names are dropped,
 *  PWD, OLDPWD, SHLVL and _ corrected, and the order becomes that of their hash tables. The set is what counts and is
 *  checked against the real shell before it is relied on (shell-model.ts); the order is that of dash 0.5.12, bash 5.2. */
import type { FileLookup } from './file-facts.js';
import { isShellVariable } from './shell-names.js';
import { bashOrder, dashOrder } from './shell-order.js';
import type { Assignment } from './shell-subset.js';

/** A shell that was found to behave as foretold. */
export interface ShellModel {
  kind: 'dash' | 'bash';
  /** What bash adds to SHLVL for a command it becomes: 0 since it takes its own step back, 1 before. */
  levelStep: 0 | 1;
  /** The shell becomes the command. If not, it waits for it, and a signal's death is told in its own words. */
  becomesCommand: boolean;
}

/** Variables of the shell by the time it runs its text, all exported: NAME=value by name, so that most go out as the
 *  very strings that came in. */
export type ShellVariables = ReadonlyMap<string, string>;

export function variableValue(variables: ShellVariables, name: string): string | undefined {
  return variables.get(name)?.slice(name.length + 1);
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** bash's table grows beyond this, which reorders it. */
const VARIABLES_MAX = 2000;

export function shellVariables(
  model: ShellModel,
  env: readonly string[],
  cwd: string,
  file: FileLookup,
): ShellVariables | { reason: string } {
  if (env.length > VARIABLES_MAX) return { reason: 'too many variables' };
  if (!cwd.startsWith('/')) return { reason: 'the folder has no name' };
  const variables = new Map<string, string>();
  for (const entry of env) {
    const equals = entry.indexOf('=');
    const name = entry.slice(0, Math.max(equals, 0));
    if (!IDENTIFIER.test(name)) {
      if (name === '' || model.kind === 'dash') continue;
      return { reason: 'a variable whose name is not one' };
    }
    if (isForbidden(model, name)) return { reason: `${name} is set` };
    variables.set(name, entry);
  }
  const reason = model.kind === 'bash' ? bashStart(model, variables, file) : undefined;
  if (reason !== undefined) return { reason };
  return setPwd(model, variables, cwd, file);
}

/** dash knows few variables of its own; bash many. */
function isForbidden(model: ShellModel, name: string): boolean {
  if (model.kind === 'bash') return isShellVariable(name);
  return name === 'IFS' || name === 'OPTIND' || name === 'LINENO' || name === 'PPID' || name === 'PS4';
}

/** A value of LC_ALL that is not installed makes bash complain on stderr; these always are. */
const QUIET_LOCALE = /^(|C|POSIX|C\.(UTF-8|utf8))$/;
/** Character sets in which no byte of ours is half of a character that has a quote or a blank as its other half. */
const PLAIN_CHARSET = /^(|C|POSIX|[^.]+\.(UTF-8|utf8))$/;

function bashStart(model: ShellModel, variables: Map<string, string>, file: FileLookup): string | undefined {
  if (!QUIET_LOCALE.test(variableValue(variables, 'LC_ALL') ?? ''))
    return 'LC_ALL names a locale that may not be installed';
  const value = (name: string) => variableValue(variables, name) || undefined;
  if (!PLAIN_CHARSET.test(value('LC_ALL') ?? value('LC_CTYPE') ?? value('LANG') ?? ''))
    return 'the character set is not UTF-8';
  const level = variableValue(variables, 'SHLVL') ?? '0';
  if (!/^(0|[1-9][0-9]{0,2})$/.test(level) || Number(level) > 997) return 'SHLVL is not a plain number';
  // Debian's bash takes itself for a login from afar and reads ~/.bashrc.
  if (level === '0' && (variables.has('SSH_CLIENT') || variables.has('SSH2_CLIENT'))) return 'bash may read ~/.bashrc';
  variables.set('SHLVL', `SHLVL=${Number(level) + model.levelStep}`);
  variables.delete('PS1');
  variables.delete('PS2');
  const old = variableValue(variables, 'OLDPWD');
  if (old !== undefined && !old.startsWith('/')) return 'OLDPWD is not absolute';
  if (old !== undefined && file(old)?.kind !== 'folder') variables.delete('OLDPWD');
  return undefined;
}

/** PWD survives if it names the folder, which may be through a symbolic link; else it is what getcwd says. */
function setPwd(
  model: ShellModel,
  variables: Map<string, string>,
  cwd: string,
  file: FileLookup,
): ShellVariables | { reason: string } {
  const pwd = variableValue(variables, 'PWD');
  if (pwd === cwd) return variables;
  const here = file(cwd)?.place;
  if (here === undefined) return { reason: 'the folder is out of reach' };
  if (pwd?.startsWith('/') && file(pwd)?.place === here) {
    // bash would tidy it up.
    return /\/(\.{0,2})(\/|$)/.test(pwd) ? { reason: 'PWD is not in its plain form' } : variables;
  }
  const home = variableValue(variables, 'HOME');
  // bash then takes HOME's spelling.
  if (model.kind === 'bash' && home?.startsWith('/') && home !== cwd && file(home)?.place === here) {
    return { reason: 'HOME is the folder by another name' };
  }
  variables.set('PWD', `PWD=${cwd}`);
  return variables;
}

/** NAME=value list for the command. `commandPath`: as found on PATH, for bash's `_`. */
export function commandEnvironment(
  model: ShellModel,
  variables: ShellVariables,
  assignments: readonly Assignment[],
  commandPath: string,
): string[] {
  const assigned = new Map(assignments.map(([name, value]) => [name, `${name}=${value}`]));
  return model.kind === 'dash' ? dashOrder(variables, assigned) : bashOrder(variables, assigned, commandPath);
}
