/** Completion for bash 4.4 and newer. Needs nothing of the package bash-completion. */
import type { NameKind } from '../words.js';
import { anyChoice, type OptionWords, type ProgramWords, type VerbWords } from './words.js';

export function bashCompletion(programs: readonly ProgramWords[]): string {
  const verbs = new Map(programs.flatMap((program) => program.verbs).map((verb) => [verb.name, verb]));
  const names = programs.map(({ name }) => name).join(' ');
  return `# bash completion for ${names}, made by: supervisor completion bash
_hook_supervisor() {
  local program=\${1##*/} current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local verb='' words='' separator=0 i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} == -- ]]; then
      separator=$i
      break
    elif [[ -z $verb && \${COMP_WORDS[i]} != -* ]]; then
      verb=\${COMP_WORDS[i]}
    fi
  done
  if ((separator > 0)); then
    case $verb in
      ${[...verbs.values()]
        .filter(({ startsCommand }) => startsCommand)
        .map(({ name }) => name)
        .join(' | ')}) ;;
      *) return ;;
    esac
    if ((COMP_CWORD == separator + 1)); then
      mapfile -t COMPREPLY < <(compgen -c -- "$current")
    else
      compopt -o default
    fi
    return
  fi
  # Bash takes --option=value apart at the sign.
  if [[ $current == = ]]; then
    current=''
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case "$program $verb" in
${programs.map(programCase).join('\n')}
${[...verbs.values()].map(verbCase).join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _hook_supervisor ${names}
`;
}

function programCase({ name, options, verbs }: ProgramWords): string {
  return `    '${name} ') words='${[...verbs.map((verb) => verb.name), ...options.flatMap(({ names }) => names)].join(' ')}' ;;`;
}

/** Nothing of ours, and so whatever bash offers by itself. */
const FILES = "{ words=''; compopt -o default; }";

/** Asked of the daemon at each Tab: pools come and go. */
function wordsFrom(kind: NameKind): string {
  return `words="$words $(command "\${COMP_WORDS[0]}" pool-names ${kind} 2>/dev/null)"`;
}

function verbCase(verb: VerbWords): string {
  const { name, options, live, takesFile, startsCommand } = verb;
  const behind = [...anyChoice(verb), ...options.flatMap(({ names }) => names), ...(startsCommand ? ['--'] : [])];
  const fixed = `words='${behind.join(' ')}'`;
  const notAnOption = takesFile ? FILES : live === undefined ? undefined : wordsFrom(live);
  const otherwise = notAnOption === undefined ? fixed : `${fixed}; [[ $current == -* ]] || ${notAnOption}`;
  const withValue = options.filter(({ value }) => value === 'required').map(valueCase);
  if (withValue.length === 0) return `    *' ${name}') ${otherwise} ;;`;
  return `    *' ${name}')
      case $previous in
${withValue.join('\n')}
        *) ${otherwise} ;;
      esac
      ;;`;
}

function valueCase({ names, choices, isFile, live }: OptionWords): string {
  const pattern = names.join(' | ');
  if (choices.length > 0) return `        ${pattern}) words='${choices.join(' ')}' ;;`;
  if (live !== undefined) return `        ${pattern}) ${wordsFrom(live)} ;;`;
  return isFile
    ? `        ${pattern})
          compopt -o default
          return
          ;;`
    : `        ${pattern}) return ;;`;
}
