/** Completion for fish 3.1 and newer. */
import type { NameKind } from '../words.js';
import { anyChoice, type OptionWords, type ProgramWords } from './words.js';

const HELPERS = `# True if the first word that is no option is one of those given; without any given, if there is none.
function __hook_supervisor_verb
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        if not string match -q -- '-*' $word
            contains -- $word $argv
            return
        end
    end
    test (count $argv) -eq 0
end
function __hook_supervisor_behind_separator
    contains -- -- (commandline -opc)
end
# Asked of the daemon at each Tab: pools come and go.
function __hook_supervisor_live
    set -l words (commandline -opc)
    set -l program $words[1]
    command $program pool-names $argv 2>/dev/null
end
# The words of the command behind the separator, as that command would complete them.
function __hook_supervisor_command
    set -l words (commandline -opc)
    set -l at (contains -i -- -- $words)
    set -e words[1..$at]
    complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))
end`;

export function fishCompletion(programs: readonly ProgramWords[]): string {
  return `# fish completion, made by: supervisor completion fish
${HELPERS}
${programs.flatMap(programLines).join('\n')}
`;
}

function programLines({ name, options, verbs }: ProgramWords): string[] {
  const add = (condition: string, rest: string) => `complete -c ${name} -n '${condition}' ${rest}`;
  return [
    `complete -c ${name} -f`,
    ...verbs.map((verb) => add('__hook_supervisor_verb', `-a ${verb.name} -d ${quoted(verb.about)}`)),
    ...options.map((option) => add('__hook_supervisor_verb', optionArgs(option))),
    ...verbs.flatMap((verb) => {
      const choices = anyChoice(verb).join(' ');
      const isBefore = `__hook_supervisor_verb ${verb.name}; and not __hook_supervisor_behind_separator`;
      const isBehind = `__hook_supervisor_verb ${verb.name}; and __hook_supervisor_behind_separator`;
      return [
        ...verb.options.map((option) => add(isBefore, optionArgs(option))),
        ...(choices === '' ? [] : [add(isBefore, `-a ${quoted(choices)}`)]),
        ...(verb.live === undefined ? [] : [add(isBefore, `-a '${liveNames(verb.live)}'`)]),
        ...(verb.takesFile ? [add(isBefore, '-F')] : []),
        ...(verb.startsCommand ? [add(isBehind, `-a '(__hook_supervisor_command)'`)] : []),
      ];
    }),
  ];
}

function optionArgs({ names, about, value, choices, isFile, live }: OptionWords): string {
  const spelled = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const words = live === undefined ? choices.join(' ') : liveNames(live);
  const values = words === '' ? [] : [`-a ${quoted(words)}`];
  const kind = value === 'required' ? [isFile ? '-r -F' : '-x'] : [];
  return [...spelled, ...kind, ...values, `-d ${quoted(about)}`].join(' ');
}

function liveNames(kind: NameKind): string {
  return `(__hook_supervisor_live ${kind})`;
}

/** Inside single quotes fish knows two escapes. */
function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
