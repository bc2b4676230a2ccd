/** Names that mean something of their own to dash or bash. The union for both: refusing one too many only costs time. */

const words = (text: string) => new Set(text.split(' '));

/** Builtins and reserved words: as a command they are not a program of PATH. */
export const SHELL_COMMANDS = words(
  '. : [ alias bg bind break builtin caller cd chdir command compgen complete compopt continue declare dirs disown ' +
    'echo enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd ' +
    'printf pushd pwd read readarray readonly return set shift shopt source suspend test times trap true type ' +
    'typeset ulimit umask unalias unset wait if then else elif fi case esac for select while until do done in ' +
    'function time { } ! [[ ]] coproc',
);

/** Variables that a shell sets, computes, checks or drops by itself. Of no use as $NAME, as NAME=value, or, if they are
 *  in the environment already, for foretelling the command's. */
export function isShellVariable(name: string): boolean {
  return SHELL_VARIABLES.has(name) || name.startsWith('BASH');
}
const SHELL_VARIABLES = words(
  'IFS OPTIND OPTERR PS4 LINENO PPID UID EUID GROUPS RANDOM SRANDOM SECONDS EPOCHSECONDS EPOCHREALTIME HISTCMD ' +
    'DIRSTACK PIPESTATUS FUNCNAME FUNCNEST COMP_WORDBREAKS COMP_CWORD COMP_LINE COMP_POINT COMP_WORDS SHELLOPTS ' +
    'POSIXLY_CORRECT POSIX_PEDANTIC EXECIGNORE HISTFILE HISTFILESIZE HISTSIZE HISTTIMEFORMAT COPROC MAPFILE',
);

/** Variables with a value of the shell's own where the environment has none; assigning one changes the shell itself. */
export function isShellDefault(name: string): boolean {
  return SHELL_DEFAULTS.has(name) || name.startsWith('LC_');
}
const SHELL_DEFAULTS = words(
  'PATH HOME SHELL TERM HOSTNAME HOSTTYPE MACHTYPE OSTYPE PWD OLDPWD SHLVL _ PS1 PS2 MAIL MAILPATH MAILCHECK ' +
    'COLUMNS LINES IGNOREEOF OPTARG LANG TEXTDOMAIN TMOUT ENV GLOBIGNORE CHILD_MAX',
);
