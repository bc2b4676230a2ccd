// What a level costs: a parked task at each level against the same at `contained`, and a cold launch of supervisor-confine
// against those of bwrap and unshare with all namespaces.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLIENT } from './supervisor.mjs';

const CONFINE = fileURLToPath(new URL('../../build/supervisor-confine', import.meta.url));
const LAYERS = [
  ...['userNamespace', 'mountNamespace', 'ipcNamespace', 'utsNamespace', 'cgroupNamespace', 'networkNamespace'],
  ...[
    'pidNamespace',
    'privateMounts',
    'ownProc',
    'sessionKeyring',
    'resourceLimits',
    'closedDescriptors',
    'noNewPrivs',
  ],
  ...['noCapabilities', 'landlock', 'seccomp'],
];
const READ = ['/usr', '/bin', '/lib', '/lib64'].filter((path) => existsSync(path));
const ADDED_MAX_MS = { restricted: undefined, untrusted: 0.5 };

/** Both ways of such a row go through the daemon. */
export function levelRowsOf({ row, programs }) {
  const at = (level) => [CLIENT, 'run', '--level', level, '--', programs.echo];
  return Object.entries(ADDED_MAX_MS).map(([level, maxMs]) =>
    row(`no-op at ${level}`, [], {
      commands: [at('contained'), at(level)],
      path: 'exec',
      daemonCommands: 2,
      roundsTimes: 3,
      goal: maxMs && {
        text: () => `adds <= ${maxMs} ms`,
        isMet: ({ addedMs }) => addedMs <= maxMs,
      },
    }),
  );
}

/** The namespaces of `untrusted`; of bwrap the view of the files, too. Of all else the launchers beside ours do nothing. */
const OTHERS = {
  bwrap: (binds) => [
    ...['--unshare-all', '--die-with-parent', '--tmpfs', '/tmp', '--proc', '/proc', '--dev', '/dev'],
    ...binds.flatMap((path) => ['--ro-bind', path, path]),
  ],
  unshare: () => [
    ...['--user', '--map-root-user', '--mount', '--ipc', '--uts', '--net', '--cgroup', '--pid', '--fork'],
    ...['--kill-child', '--mount-proc'],
  ],
};

/** Neither way goes through the daemon; one row for each launcher that is installed. */
export function launchRows({ row, programs }) {
  const shown = [...READ, join(programs.echo, '..')];
  const reads = shown.flatMap((path) => ['--read', path]);
  const ours = [
    ...[CONFINE, '--level', 'untrusted', '--layers', LAYERS.join(','), '--network', 'none'],
    ...['--tmp-max-bytes', '1048576', '--tmp-max-files', '64', ...reads, '--', programs.echo],
  ];
  return Object.entries(OTHERS).flatMap(([name, wordsOf]) => {
    const file = inPath(name);
    if (file === undefined) return [];
    const goal = { text: () => 'cheaper', isMet: ({ addedMs }) => addedMs <= 0 };
    const commands = [[file, ...wordsOf(shown), programs.echo], ours];
    return row(`no-op, beside ${name}`, [], { commands, daemonCommands: 0, goal: name === 'bwrap' ? goal : undefined });
  });
}

function inPath(name) {
  const folders = (process.env.PATH ?? '').split(':');
  return folders.map((folder) => join(folder, name)).find(existsSync);
}
