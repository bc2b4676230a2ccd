/** docker/ as far as it can be judged without an engine: what the files say. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../../../package.json' with { type: 'json' };
import { DOCKER } from './scripts.js';

const SCRIPTS = ['delegate.sh', 'entrypoint.sh', 'devcontainer/install.sh'];
const UNITS = ['systemd/hook-supervisor@.service', 'systemd/user/hook-supervisor.service'];

const read = (file: string) => readFileSync(join(DOCKER, file), 'utf8');

describe('Dockerfile', () => {
  const lines = read('Dockerfile')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  const of = (instruction: string) => last.filter((line) => line.startsWith(`${instruction} `));

  test('both stages stand on a version of Node that is named, the last one on the slim image', () => {
    const bases = lines.filter((line) => line.startsWith('FROM '));
    expect(bases).toHaveLength(2);
    for (const base of bases) expect(base).toMatch(/^FROM node:\d+[\w.-]*-slim( AS build)?$/);
    const version = Number(/node:(\d+)/.exec(bases[1] ?? '')?.[1]);
    expect(version).toBeGreaterThanOrEqual(Number(/\d+/.exec(packageJson.engines.node)?.[0]));
  });

  test('ends as a user who is not root', () => {
    expect(of('USER')).toEqual(['USER hook']);
    expect(last.indexOf('USER hook')).toBeGreaterThan(last.findLastIndex((line) => line.startsWith('RUN ')));
  });

  test('no compiler in what runs, and nothing from the build but what the daemon needs', () => {
    expect(last.join('\n')).not.toMatch(/gcc|make\b|libc6-dev/);
    const taken = of('COPY').flatMap((line) => /--from=build \/build\/(\S+)/.exec(line)?.[1] ?? []);
    expect(taken).toEqual(['package.json', 'node_modules', 'bin', 'build', 'dist']);
  });

  test('no secrets: no argument or variable of that kind, and only named files reach the build', () => {
    expect(lines.filter((line) => /^(ARG|ENV) .*(TOKEN|SECRET|PASSWORD|KEY)/i.test(line))).toEqual([]);
    const [first, ...rest] = read('Dockerfile.dockerignore').trim().split('\n');
    expect(first).toBe('*');
    expect(rest.filter((line) => line === '!.' || line === '!*' || line.includes('.env'))).toEqual([]);
  });

  test('starts by the entrypoint, whose files it puts on PATH', () => {
    expect(of('ENTRYPOINT')).toEqual(['ENTRYPOINT ["hook-supervisor-entrypoint"]']);
    expect(of('CMD')).toEqual(['CMD ["supervisor", "up"]']);
    for (const name of ['delegate', 'entrypoint'])
      expect(of('COPY')).toContain(`COPY docker/${name}.sh /usr/local/bin/hook-supervisor-${name}`);
    expect(of('RUN').join('\n')).toContain('/build/supervisor-init /usr/local/bin/hook-supervisor-init');
  });
});

describe('compose.yml', () => {
  const { services } = parse(read('compose.yml'), { merge: true });

  test('the plain service has no options that reach the host', () => {
    expect(Object.keys(services.plain).sort()).toEqual(['build', 'image', 'init']);
  });

  test('the limited one has a writable cgroup of its own, and no more capabilities than its entrypoint needs', () => {
    expect(services.limited).toMatchObject({
      cgroup: 'private',
      security_opt: ['writable-cgroups=true'],
      user: '0:0',
      cap_drop: ['ALL'],
      cap_add: ['CHOWN', 'KILL', 'SETGID', 'SETUID'],
    });
    expect(services.limited.privileged).toBeUndefined();
  });
});

test('devcontainer.json asks for a writable cgroup, hands it over and starts the daemon', () => {
  const found = JSON.parse(read('devcontainer/devcontainer.json'));
  expect(found.runArgs).toEqual(['--security-opt', 'writable-cgroups=true']);
  expect(found.remoteUser).not.toBe('root');
  expect(found.postStartCommand).toBe(`sudo hook-supervisor-delegate ${found.remoteUser}; supervisor up -d`);
  expect(found.postCreateCommand).toContain('install.sh');
  // Made by install.sh with mode 0700, and the same for client and daemon.
  expect(read('devcontainer/install.sh')).toContain(
    `-m 0700 -o "$user" -g "$(id -gn "$user")" ${found.containerEnv.SUPERVISOR_RUNTIME_DIR}`,
  );
});

describe.each(UNITS)('%s', (file) => {
  const settings = new Map(
    read(file)
      .split('\n')
      .filter((line) => /^\w+=/.test(line))
      .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

  test('hands its group over, survives the end of a hook, and ends all', () => {
    expect(settings.get('Delegate')).toBe('yes');
    expect(settings.get('OOMPolicy')).toBe('continue');
    expect(settings.get('KillMode')).toBe('mixed');
  });

  test('waits until the daemon says that it is ready, and for signs of life; a reload and a stop are waited for', () => {
    expect(settings.get('Type')).toBe('notify');
    expect(Number(settings.get('WatchdogSec'))).toBeGreaterThan(0);
    expect(settings.get('ExecStop')).toMatch(/\bsupervisor down$/);
    expect(settings.get('ExecReload')).toMatch(/\bsupervisor reload$/);
  });

  test('confines the daemon in nothing: it would answer nobody', () => {
    const confining =
      /^(Private|Protect|Restrict|NoNewPrivileges|SystemCall|ReadOnly|ReadWrite|Inaccessible|Root|Temporary)/;
    expect([...settings.keys()].filter((name) => confining.test(name))).toEqual([]);
  });
});

test('the socket unit listens where a client looks, for nobody else, and leaves no file', () => {
  const unit = read('systemd/user/hook-supervisor.socket');
  for (const line of [
    'ListenStream=%t/hook-supervisor/call.sock',
    'SocketMode=0600',
    'DirectoryMode=0700',
    'RemoveOnStop=yes',
  ])
    expect(unit.split('\n')).toContain(line);
});

describe('AppArmor profile', () => {
  const profiles = [
    ...read('apparmor/hook-supervisor').matchAll(/^profile \S+ (\S+) flags=\(unconfined\) \{\n([^}]*)\n\}/gm),
  ];

  test('gives user namespaces to the programs that enter one, and nothing to the keeper, whose hooks would have them', () => {
    expect(profiles.map(([, program, rules]) => [program?.split('/').at(-1), rules?.trim()])).toEqual([
      ['supervisor-confine', 'userns,'],
      ['supervisor-probe', 'userns,'],
    ]);
  });
});

describe('seccomp.mjs', () => {
  const added = ['unshare', 'mount', 'mount_setattr', 'move_mount', 'open_tree', 'pivot_root', 'umount2'];
  const make = (profile: unknown) =>
    spawnSync(process.execPath, [join(DOCKER, 'seccomp.mjs')], { input: JSON.stringify(profile), encoding: 'utf8' });

  test('adds the calls of the launcher to a profile that refuses by default, and changes nothing else', () => {
    const given = { defaultAction: 'SCMP_ACT_ERRNO', archMap: [1], syscalls: [{ names: ['read'], action: 'x' }] };
    const { status, stdout } = make(given);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      ...given,
      syscalls: [...given.syscalls, { names: added, action: 'SCMP_ACT_ALLOW' }],
    });
  });

  test.each([{ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [] }, { defaultAction: 'SCMP_ACT_ERRNO' }])(
    'takes no other profile: %j',
    (given) => {
      const { status, stdout, stderr } = make(given);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain('not the default profile');
    },
  );
});

describe.each(SCRIPTS)('%s', (file) => {
  test('is a program for any POSIX shell', () => {
    expect(read(file).startsWith('#!/bin/sh\n')).toBe(true);
    expect(spawnSync('sh', ['-n', join(DOCKER, file)]).status).toBe(0);
  });

  test('shellcheck finds nothing', ({ task, skip }) => {
    const { error, stdout } = spawnSync('shellcheck', [join(DOCKER, file)], { encoding: 'utf8' });
    if (error !== undefined) {
      Object.assign(task.meta, { skipReason: 'shellcheck is not installed' });
      skip('shellcheck is not installed');
    }
    expect(stdout).toBe('');
  });
});
