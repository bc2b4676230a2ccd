/** What is looked for, one row for each thing. `hits` is asked of each command; of `scene` it may use what is configured. */
import { assigned, hasFlag, operands, optionsEnd } from '../shell/options.mjs';
import { readsProgramFromStdin, SHELLS } from '../shell/wrappers.mjs';
import { forcedBranches } from './git-push.mjs';
import { holds, isBlockDevice, isProtected, isRootIfEmpty } from './targets.mjs';

const DOWNLOADERS = ['curl', 'wget', 'aria2c', 'fetch', 'http', 'https', 'xh'];
const DECODERS = ['base64', 'base32', 'xxd', 'uudecode', 'openssl'];
const WRITES = ['>', '>>', '>|', '&>', '&>>', '<>'];
const CHANGES_TREES = ['chmod', 'chown', 'chgrp', 'setfacl'];
const NARROWS = [
  '-name',
  '-iname',
  '-path',
  '-ipath',
  '-regex',
  '-mtime',
  '-mmin',
  '-newer',
  '-size',
  '-user',
  '-empty',
];
const SYSTEM_FILE = /^\/(etc\/(passwd|shadow|group|sudoers|fstab|hosts|ld\.so\.preload)|boot\/|proc\/sysrq-trigger)/;

const isRecursive = (args) => hasFlag(args, 'rR', ['recursive']);
const protectedIn = (texts, command, scene) =>
  texts.some((text) => isProtected(text, { cwd: command.cwd, more: scene.protect }));
const hasName = (names) => (command) => names.includes(command.name);
/** A command that this one's runner has put together from what it reads. */
const fedByXargs = ({ around }) => around.some(({ name }) => name === 'xargs');
const isDeletion = ({ name }) => ['rm', 'unlink', 'shred', 'rmdir'].includes(name);

/** Folders that go with all in them. */
function removed(command) {
  const { name, args } = command;
  if (name === 'find') return deletes(command) && !isNarrowed(args) ? roots(args) : [];
  return name === 'rm' && isRecursive(args) ? operands(args) : [];
}

function holdsProject(text, cwd, project) {
  return project !== '' && (holds(text, project, cwd) || holds(text, `${project}/.git`, cwd));
}

/** Of find: where it looks. */
function roots(args) {
  const end = args.findIndex((arg) => /^[-(!]/.test(arg) && !/^-[HLPDO]/.test(arg));
  return operands(end < 0 ? args : args.slice(0, end));
}

const isNarrowed = (args) => args.some((arg) => NARROWS.includes(arg));
const deletes = ({ args }) =>
  args.includes('-delete') ||
  args.some((arg, at) => /^-(exec|ok)(dir)?$/.test(arg) && /(^|\/)(rm|shred|unlink)$/.test(args[at + 1] ?? ''));
const findsProtected = (command, scene) => command.name === 'find' && protectedIn(roots(command.args), command, scene);

export const RULES = [
  {
    id: 'rm-protected',
    decision: 'deny',
    reason: 'removes a folder of the system, or a home, with all in it',
    hits: (command, scene) =>
      command.name === 'rm' && isRecursive(command.args) && protectedIn(operands(command.args), command, scene),
  },
  {
    id: 'rm-no-preserve-root',
    decision: 'deny',
    reason: 'switches off the protection of the root folder',
    hits: ({ name, args }) => ['rm', ...CHANGES_TREES].includes(name) && args.includes('--no-preserve-root'),
  },
  {
    id: 'rm-empty-variable',
    decision: 'ask',
    reason: 'removes the root folder if its variable is empty; `${NAME:?}` would stop there',
    hits: ({ name, args }) => name === 'rm' && isRecursive(args) && operands(args).some(isRootIfEmpty),
  },
  {
    id: 'rm-project',
    decision: 'ask',
    reason: 'removes the whole project, or its history',
    hits: (command, scene) => removed(command).some((text) => holdsProject(text, command.cwd, scene.project)),
  },
  {
    id: 'unknown-command',
    decision: 'ask',
    reason: 'runs a command that only a run would tell, with arguments that would remove a folder of the system as rm',
    hits: (command, scene) =>
      command.name === '' && isRecursive(command.args) && protectedIn(operands(command.args), command, scene),
  },
  {
    id: 'find-delete',
    decision: 'deny',
    reason: 'removes all that it finds in a folder of the system, or a home',
    hits: (command, scene) => findsProtected(command, scene) && deletes(command) && !isNarrowed(command.args),
  },
  {
    id: 'find-delete-some',
    decision: 'ask',
    reason: 'removes what it finds all over a folder of the system, or a home',
    hits: (command, scene) => findsProtected(command, scene) && deletes(command) && isNarrowed(command.args),
  },
  {
    id: 'xargs-rm-protected',
    decision: 'deny',
    reason: 'removes what another command names, and that one names a folder of the system or all in it',
    hits: (command, scene) =>
      isDeletion(command) &&
      fedByXargs(command) &&
      command.before.some((one) =>
        ['echo', 'printf'].includes(one.name)
          ? isRecursive(command.args) && protectedIn(one.args, one, scene)
          : findsProtected(one, scene) && !isNarrowed(one.args),
      ),
  },
  {
    id: 'xargs-rm-recursive',
    decision: 'ask',
    reason: 'removes whole folders that another command names',
    hits: (command) => command.name === 'rm' && fedByXargs(command) && isRecursive(command.args),
  },
  {
    id: 'mv-protected',
    decision: 'deny',
    reason: 'moves a folder of the system, or a home, away',
    hits: (command, scene) =>
      command.name === 'mv' && protectedIn(operands(command.args, ['-t', '-S']).slice(0, -1), command, scene),
  },
  {
    id: 'modes-of-tree',
    decision: 'deny',
    reason: 'changes owner or mode of everything in a folder of the system, or a home',
    hits: (command, scene) =>
      CHANGES_TREES.includes(command.name) &&
      isRecursive(command.args) &&
      protectedIn(operands(command.args), command, scene),
  },
  {
    id: 'device-written',
    decision: 'deny',
    reason: 'writes to a disk itself, over all its files',
    hits: ({ redirects }) =>
      redirects.some(({ operator, targets }) => WRITES.includes(operator) && targets.some(isBlockDevice)),
  },
  {
    id: 'device-written-by-argument',
    decision: 'deny',
    reason: 'writes to a disk itself, over all its files',
    hits: ({ name, args }) => {
      if (name === 'dd') return isBlockDevice(assigned(args, 'of') ?? '');
      if (name === 'cp' || name === 'mv') return isBlockDevice(operands(args).at(-1) ?? '');
      return ['tee', 'shred', 'wipefs', 'blkdiscard'].includes(name) && operands(args).some(isBlockDevice);
    },
  },
  {
    id: 'file-system-made',
    decision: 'deny',
    reason: 'makes a new file system, partition table or swap on a disk',
    hits: ({ name, args }) =>
      /^(mkfs(\.\w+)?|mke2fs|mkswap)$/.test(name) && operands(args).some((text) => text.startsWith('/dev/')),
  },
  {
    id: 'partitions-changed',
    decision: 'ask',
    reason: 'changes the partitions of a disk',
    hits: ({ name, args }) =>
      ['fdisk', 'sfdisk', 'cfdisk', 'gdisk', 'sgdisk', 'parted'].includes(name) &&
      !hasFlag(args, 'lp', ['list', 'print', 'dump']) &&
      operands(args).some(isBlockDevice),
  },
  {
    id: 'system-file-written',
    decision: 'ask',
    reason: 'writes over a file that the system needs',
    hits: ({ name, args, redirects }) =>
      redirects.some(
        ({ operator, targets }) => WRITES.includes(operator) && targets.some((one) => SYSTEM_FILE.test(one)),
      ) ||
      (name === 'tee' && operands(args).some((one) => SYSTEM_FILE.test(one))),
  },
  {
    id: 'download-run',
    decision: 'deny',
    reason: 'runs what it downloads, unseen',
    hits: (command) =>
      (readsProgramFromStdin(command.name, command.args) && command.before.some(hasName(DOWNLOADERS))) ||
      ((SHELLS.has(command.name) ||
        ['eval', 'source', '.', 'python', 'python3', 'perl', 'ruby', 'node'].includes(command.name)) &&
        command.within.some(hasName(DOWNLOADERS))),
  },
  {
    id: 'decoded-run',
    decision: 'ask',
    reason: 'runs a program that is encoded, so that nobody reads it',
    hits: ({ name, args, before, within }) =>
      (readsProgramFromStdin(name, args) && before.some(hasName(DECODERS))) ||
      ((SHELLS.has(name) || name === 'eval') && within.some(hasName(DECODERS))),
  },
  {
    id: 'git-push-forced',
    decision: 'ask',
    reason: 'overwrites a shared branch on the server',
    hits: ({ name, args }, { branches }) => name === 'git' && forcedBranches(args, branches),
  },
  {
    id: 'all-processes-killed',
    decision: 'deny',
    reason: 'ends every process of its user',
    hits: ({ name, args }) =>
      name === 'kill' && args.slice(0, -1).some((arg) => arg.startsWith('-')) && args.at(-1) === '-1',
  },
  {
    id: 'machine-stopped',
    decision: 'ask',
    reason: 'stops or restarts the machine',
    hits: ({ name, args }) =>
      ['shutdown', 'reboot', 'poweroff', 'halt'].includes(name) ||
      (name === 'systemctl' && ['poweroff', 'reboot', 'halt', 'rescue'].includes(args[optionsEnd(args)])) ||
      (name === 'init' && ['0', '6'].includes(args[0])),
  },
  {
    id: 'crontab-removed',
    decision: 'ask',
    reason: 'removes all timed jobs of its user',
    hits: ({ name, args }) => name === 'crontab' && hasFlag(args, 'r'),
  },
];

/** Told by the reader, not by a single command. */
export const FORK_BOMB = {
  id: 'fork-bomb',
  decision: 'deny',
  reason: 'starts itself without end',
};
export const UNREADABLE = {
  id: 'unreadable',
  decision: 'ask',
  reason: 'could not be read, so nothing is known of it',
};
