/** Completion for zsh, to be sourced or to be found on fpath as _supervisor. */
import type { OptionWords, ProgramWords, VerbWords } from './words.js';

export function zshCompletion(programs: readonly ProgramWords[]): string {
  const names = programs.map(({ name }) => name).join(' ');
  return `#compdef ${names}
# zsh completion, made by: supervisor completion zsh
# Asked of the daemon at each Tab: pools come and go.
_supervisor_live() {
  compadd -- \${(f)"$(command $program pool-names $1 2>/dev/null)"}
}
_supervisor() {
  local curcontext=$curcontext state line program=$words[1]
  local -a verbs
  local -A opt_args
  case $service in
${programs.map(programCase).join('\n')}
  esac
  case $state in
    verb) _describe -t verbs verb verbs ;;
    rest)
      case $line[1] in
${[...new Map(programs.flatMap(({ verbs }) => verbs).map((verb) => [verb.name, verb])).values()].map(verbCase).join('\n')}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _supervisor ]]; then
  _supervisor "$@"
else
  compdef _supervisor ${names}
fi
`;
}

function programCase({ name, options, verbs }: ProgramWords): string {
  const described = verbs.map((verb) => quoted(`${verb.name}:${verb.about}`)).join(' ');
  return `    ${name})
      verbs=(${described})
      _arguments -C ${[...options.flatMap(optionSpecs), "'1: :->verb'", "'*:: :->rest'"].join(' ')}
      ;;`;
}

function verbCase({ name, options, choices, live, takesFile, startsCommand }: VerbWords): string {
  const specs = options.flatMap(optionSpecs);
  choices.forEach((words, at) => {
    if (words.length > 0) specs.push(quoted(`${at + 1}:word:(${words.join(' ')})`));
  });
  if (live !== undefined) specs.push(`'1::pool: _supervisor_live ${live}'`);
  if (takesFile) specs.push("'*:file:_files'");
  if (startsCommand) specs.push("'(-)1:command: _command_names -e'", "'*::argument: _normal'");
  return `        ${name}) _arguments -S ${specs.join(' ')} ;;`;
}

function optionSpecs(option: OptionWords): string[] {
  const { names, about, value } = option;
  const exclusive = names.length > 1 ? `(${names.join(' ')})` : '';
  return names.map((name) => {
    const sign = value !== 'none' && name.startsWith('--') ? '=' : '';
    return quoted(`${exclusive}${name}${sign}[${about.replace(/[[\]\\]/g, '\\$&')}]${valueSpec(option)}`);
  });
}

function valueSpec({ value, choices, isFile, live }: OptionWords): string {
  if (value === 'none') return '';
  if (live !== undefined) return `:pool: _supervisor_live ${live}`;
  const action = isFile ? '_files' : choices.length > 0 ? `(${choices.join(' ')})` : ' ';
  return `${value === 'optional' ? '::' : ':'}value:${action}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
