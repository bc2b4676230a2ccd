/** Commands that mean the same to every shell, and to an agent that uses none: words without quotes, variables, patterns or
 *  anything else that a shell has a word for, the first of which is a program. */

const FIRST = /^[\w./-]+$/;
const OTHER = /^[\w./@+:,-][\w%@+=:,./-]*$/;
/** Words of shells: as a program the same name is missing or does something else. */
const SHELL_WORDS = new Set(
  (
    'alias bg bind break builtin case cd command continue coproc declare dirs disown do done echo elif else enable end esac eval ' +
    'exec exit export false fc fg fi for function getopts hash help history if jobs kill let local logout popd printf pushd pwd ' +
    'read readonly return select set shift source suspend test then time times trap true type typeset ulimit umask unalias ' +
    'unset until wait while . :'
  ).split(' '),
);

export function isPlainCommand(text: string): boolean {
  const [first = '', ...others] = text.split(' ');
  return FIRST.test(first) && !SHELL_WORDS.has(first) && others.every((word) => OTHER.test(word));
}

export function isPlainPath(path: string): boolean {
  return FIRST.test(path);
}
