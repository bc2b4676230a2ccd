/** `git push` that overwrites or removes a branch. */
import { optionsEnd } from '../shell/options.mjs';

const GIT_VALUED = ['-C', '-c', '--git-dir', '--work-tree', '--namespace'];
const PUSH_VALUED = ['-o', '--push-option', '--repo', '--receive-pack', '--exec'];

/** Whether a branch of the list is overwritten or removed, or one that is not named. `--force-with-lease` overwrites only what
 *  its user has seen. */
export function forcedBranches(args, branches) {
  const rest = args.slice(optionsEnd(args, GIT_VALUED));
  if (rest[0] !== 'push') return false;
  const { options, words } = sorted(rest.slice(1));
  if (options.includes('--mirror')) return true;
  const isForced = options.some((option) => option === '--force' || /^-[a-zA-Z]*f/.test(option));
  const isDelete = options.some((option) => option === '--delete' || /^-[a-zA-Z]*d/.test(option));
  const refs = words.slice(1);
  if (isForced && refs.length === 0) return true;
  return refs.some((ref) => (isForced || isDelete || /^[+:]/.test(ref)) && isListed(ref, branches));
}

function sorted(args) {
  const options = [];
  const words = [];
  for (let index = 0; index < args.length; index += 1) {
    if (!args[index].startsWith('-')) words.push(args[index]);
    else {
      options.push(args[index]);
      if (PUSH_VALUED.includes(args[index])) index += 1;
    }
  }
  return { options, words };
}

/** `+main`, `HEAD:main`, `:main`, `refs/heads/main`; `HEAD` alone is whatever is checked out. */
function isListed(ref, branches) {
  const target = ref
    .replace(/^\+/, '')
    .split(':')
    .at(-1)
    .replace(/^refs\/heads\//, '');
  return target === 'HEAD' || branches.includes(target);
}
