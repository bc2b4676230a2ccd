/** Commands that cost more than they look, one row for each. `hits` is asked of each command. */

import { assigned, hasFlag, operands, optionsEnd } from '../shell/options.mjs';
import { HOME } from '../shell/words.mjs';

const WHOLE = new Set(['/', '/usr', '/var', '/home', HOME]);
const LARGE_FILE =
  /\.(iso|img|qcow2|vmdk|vhdx?|ova|safetensors|gguf|ckpt|bin|tar(\.\w+)?|tgz|zip|7z|parquet|sqlite|mp4|mkv)([?#]|$)/i;
const MAKERS = ['make', 'gmake', 'ninja', 'cargo', 'cmake', 'bazel', 'xmake'];

const isWhole = (text) => WHOLE.has(text.replace(/\/(\*)?$/, '') || '/');
const subcommand = (args, valued) => args.slice(optionsEnd(args, valued));

/** The number after -j: undefined without the option, Infinity without a number. */
function jobs(args) {
  for (const [index, arg] of args.entries()) {
    const [, attached] = /^(?:-j|--jobs=?|--parallel=?)(\d*)$/.exec(arg) ?? [];
    if (attached === undefined) continue;
    const next = attached === '' ? args[index + 1] : attached;
    if (next?.includes('\u0000')) return undefined;
    return /^\d+$/.test(next ?? '') ? Number(next) : Number.POSITIVE_INFINITY;
  }
  return undefined;
}

export const RULES = [
  {
    id: 'search-everywhere',
    reason:
      'looks through a whole file system, which may take minutes and much disk; a folder of the project, or a depth, would bound it',
    hits: ({ name, args }) => {
      if (name === 'find') return args.some((arg, at) => at < 4 && isWhole(arg)) && !args.includes('-maxdepth');
      if (name === 'grep' || name === 'egrep')
        return hasFlag(args, 'rR', ['recursive', 'dereference-recursive']) && operands(args).slice(1).some(isWhole);
      if (name === 'rg' || name === 'ag' || name === 'fd') return operands(args).slice(1).some(isWhole);
      if (name === 'ls') return hasFlag(args, 'R', ['recursive']) && operands(args).some(isWhole);
      return (
        ['du', 'tree', 'ncdu'].includes(name) &&
        operands(args).some(isWhole) &&
        !hasFlag(args, 'Lsd', ['max-depth', 'summarize'])
      );
    },
  },
  {
    id: 'archive-everything',
    reason: 'packs or copies a whole file system',
    hits: ({ name, args }) => {
      if (name === 'tar' || name === 'zip') return operands(args, ['-C', '-f']).some(isWhole);
      return ['rsync', 'cp', 'scp'].includes(name) && operands(args).slice(0, -1).some(isWhole);
    },
  },
  {
    id: 'jobs-unbounded',
    reason: 'builds with as many jobs at once as there are files; `-j"$(nproc)"` would keep to the processors',
    hits: ({ name, args }) => MAKERS.includes(name) && jobs(args) === Number.POSITIVE_INFINITY && name !== 'cmake',
  },
  {
    id: 'jobs-many',
    reason: 'runs more jobs at once than are worth it on most machines',
    hits: ({ name, args }, { jobsMax }) => {
      if ([...MAKERS, 'pytest', 'parallel'].includes(name)) return Number.isFinite(jobs(args)) && jobs(args) > jobsMax;
      if (name === 'xargs')
        return args.some((arg, at) => /^-P0?$/.test(arg) && (arg === '-P0' || args[at + 1] === '0'));
      return false;
    },
  },
  {
    id: 'image-build',
    reason: 'builds container images: minutes, and gigabytes of disk that stay',
    hits: ({ name, args }) => {
      if (name !== 'docker' && name !== 'podman' && name !== 'docker-compose' && name !== 'buildah') return false;
      const [first, second] = subcommand(args, ['-H', '--host', '-c', '--context', '-f', '--file', '-p']);
      if (first === 'compose') return args.includes('build') || args.includes('--build');
      return (
        first === 'build' ||
        first === 'bud' ||
        ((first === 'buildx' || first === 'image') && (second === 'build' || second === 'bake'))
      );
    },
  },
  {
    id: 'download-large',
    reason: 'downloads what may be gigabytes',
    hits: ({ name, args }) => {
      if (name === 'curl' || name === 'wget' || name === 'aria2c') {
        return (
          operands(args, name === 'wget' ? ['-o', '-O'] : ['-o']).some(
            (one) => /^(https?|ftp):/.test(one) && LARGE_FILE.test(one),
          ) ||
          (name === 'wget' && hasFlag(args, 'rm', ['recursive', 'mirror']))
        );
      }
      const [first, second] = subcommand(args);
      if (['docker', 'podman', 'ollama'].includes(name)) return first === 'pull';
      if (name === 'huggingface-cli' || name === 'hf') return first === 'download';
      return (
        name === 'aws' && first === 's3' && (second === 'sync' || (second === 'cp' && args.includes('--recursive')))
      );
    },
  },
  {
    id: 'clone-whole-history',
    reason: 'fetches the whole history of a repository; `--depth 1` would do for a look',
    hits: ({ name, args }) =>
      name === 'git' &&
      subcommand(args, ['-C', '-c'])[0] === 'clone' &&
      !args.some((arg) => /^--(depth|shallow|filter|reference|local)/.test(arg)) &&
      args.some((arg) => /^(https?|ssh|git):|^[\w.-]+@[\w.-]+:/.test(arg)),
  },
  {
    id: 'disk-filled',
    reason: 'writes without end, until the disk is full',
    hits: ({ name, args, redirects, around }) => {
      const toFile = redirects.some(
        ({ operator, targets }) => /^(>|>>|&>|>\|)$/.test(operator) && targets.some((one) => !one.startsWith('/dev/')),
      );
      if (around.some((one) => one.name === 'timeout')) return false;
      if (name === 'yes') return toFile;
      if (name === 'cat') return toFile && args.some((arg) => /^\/dev\/(zero|u?random)$/.test(arg));
      return (
        name === 'dd' &&
        /^\/dev\/(zero|u?random)$/.test(assigned(args, 'if') ?? '') &&
        assigned(args, 'count') === undefined &&
        !(assigned(args, 'of') ?? '/dev/').startsWith('/dev/')
      );
    },
  },
  {
    id: 'never-ends',
    reason:
      'does not end by itself, so nothing comes back until it is stopped; `timeout`, or running it in the background, would help',
    hits: ({ name, args, around }, { isBackground }) => {
      if (isBackground || around.some((one) => one.name === 'timeout')) return false;
      if (name === 'tail') return hasFlag(args, 'fF', ['follow']);
      if (name === 'journalctl' || name === 'dmesg') return hasFlag(args, 'fw', ['follow']);
      if (name === 'ping') return !hasFlag(args, 'cw', ['count']);
      return ['watch', 'top', 'htop', 'less', 'vim', 'vi', 'nano'].includes(name);
    },
  },
];
