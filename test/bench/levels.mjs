// What a level costs: a parked task at each level against the same at `contained`, and a cold launch of supervisor-confine
// against bwrap's with all namespaces.
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

/** Neither way does; undefined without bwrap. */
export function launchRow({ row, programs }) {
  const bwrap = (process.env.PATH ?? '')
    .split(':')
    .map((folder) => join(folder, 'bwrap'))
    .find(existsSync);
  if (bwrap === undefined) return undefined;
  const folder = join(programs.echo, '..');
  const binds = [...READ, folder].flatMap((path) => ['--ro-bind', path, path]);
  const reads = [...READ, folder].flatMap((path) => ['--read', path]);
  return row('no-op, launched cold', [], {
    commands: [
      [
        ...[bwrap, '--unshare-all', '--die-with-parent', '--tmpfs', '/tmp', '--proc', '/proc', '--dev', '/dev'],
        ...[...binds, programs.echo],
      ],
      [
        ...[CONFINE, '--level', 'untrusted', '--layers', LAYERS.join(','), '--network', 'none'],
        ...['--tmp-max-bytes', '1048576', '--tmp-max-files', '64', ...reads, '--', programs.echo],
      ],
    ],
    daemonCommands: 0,
    goal: { text: () => 'cheaper', isMet: ({ addedMs }) => addedMs <= 0 },
  });
}
