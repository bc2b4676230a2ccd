/** Facts that git tells. A repository may name programs to be run by git itself: those are switched off, and nothing is written. */

const SAFE = ['--no-pager', '--no-optional-locks', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];
const COMMITS_MAX = 5;
const SUBJECT_MAX_CHARACTERS = 80;
const BRANCH_MAX_CHARACTERS = 120;

/** @param {{run(args: string[], signal: AbortSignal): Promise<string>}} git throws an Error with git's own words */
export function gitParts(git) {
  const ask = (signal, ...args) => git.run([...SAFE, ...args], signal);
  return {
    'git branch': async (signal) => {
      const name = plain(await ask(signal, 'rev-parse', '--abbrev-ref', 'HEAD'), BRANCH_MAX_CHARACTERS);
      return name === 'HEAD' ? 'git: no branch is checked out' : `git: on branch ${name}`;
    },
    'git status': async (signal) => {
      const text = await ask(signal, 'status', '--porcelain', '--ignore-submodules');
      const count = text.split('\n').filter((line) => line !== '').length;
      return count === 0 ? 'git: nothing changed' : `git: ${count} ${count === 1 ? 'file' : 'files'} changed or new`;
    },
    'git log': async (signal) => {
      const text = await ask(signal, 'log', `-${COMMITS_MAX}`, '--no-show-signature', '--format=%h %s');
      const commits = text.split('\n').filter((line) => line !== '');
      return ['git: last commits:', ...commits.map((line) => `  ${plain(line, SUBJECT_MAX_CHARACTERS)}`)].join('\n');
    },
  };
}

/** Text of others goes to a model: one line, bounded, without what terminals act on. */
export function plain(text, charactersMax) {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, charactersMax);
}
