/** What doctor says of the sandbox's layers, from what the probe of some hosts would print. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageFiles } from '../../../supervisor/cli/context.js';
import { isolationChecks, isolationReport } from '../../../supervisor/cli/doctor/isolation.js';
import { LAYER_TEXT, type Layer, type LayerName } from '../../../supervisor/contract/isolation.js';
import type { IsolationFacts } from '../../../supervisor/isolation/facts.js';
import { probeLayers } from '../../../supervisor/isolation/probe.js';

const { EACCES, EINVAL, ENOSPC, ENOSYS, EOPNOTSUPP, EPERM } = constants.errno;
const NAMES = Object.keys(LAYER_TEXT) as LayerName[];
const USER_NAMESPACE = 19;
const ID_MAP = 20;
const NAMESPACE = 21;
const MOUNT_PROC = 27;
const LOCK_PRIVILEGES = 30;
const LANDLOCK_VERSION = 33;
const PROOF = 39;

const PLAIN: IsolationFacts = {
  isContainer: false,
  doesAppArmorRestrict: false,
  areUserNamespacesOff: false,
  userNamespacesMax: 1000,
  securityModules: 'capability,yama',
  programs: ['/opt/confine', '/opt/probe'],
};

/** Everything is there but what is named. */
function host(missing: Partial<Record<LayerName, Partial<Layer>>>): Layer[] {
  return NAMES.map((name) => ({
    name,
    level: name === 'landlock' ? 7 : 2,
    stage: 0,
    errnum: 0,
    ...(missing[name] && { level: 0, ...missing[name] }),
  }));
}

function said(layers: Layer[], facts: Partial<IsolationFacts> = {}, hasCgroup = true) {
  return isolationChecks(isolationReport(layers, hasCgroup, { ...PLAIN, ...facts }));
}

function layerOf(name: LayerName, layers: Layer[], facts: Partial<IsolationFacts> = {}) {
  return isolationReport(layers, true, { ...PLAIN, ...facts }).layers.find((layer) => layer.name === name);
}

describe('a host with everything', () => {
  test('is of class A and gives both levels', () => {
    const [summary, restricted, untrusted, layers, ...rest] = said(host({}));
    expect(summary).toMatchObject({ name: 'isolation', verdict: 'OK', remedy: '' });
    expect(summary?.what).toContain('class A');
    expect(restricted).toMatchObject({ name: 'level restricted', verdict: 'OK' });
    expect(untrusted).toMatchObject({ name: 'level untrusted', verdict: 'OK' });
    expect(layers?.what.split(', ')).toHaveLength(NAMES.length);
    expect(layers?.what).toContain('Landlock (ABI 7)');
    expect(rest).toEqual([]);
  });
});

describe('what is not there', () => {
  test('another uid is a matter of root, and no warning', () => {
    const checks = said(host({ otherUid: { stage: 32, errnum: EPERM } }));
    expect(checks.map(({ verdict }) => verdict)).toEqual(['OK', 'OK', 'OK', 'OK']);
    expect(checks[0]?.what).toContain('class B (A to F), for A it lacks another uid');
    expect(checks[3]?.what).not.toContain('another uid');
  });

  test('one cause, one warning', () => {
    const missing = { stage: NAMESPACE, errnum: EPERM };
    const checks = said(
      host({
        userNamespace: { stage: USER_NAMESPACE, errnum: EPERM },
        mountNamespace: missing,
        pidNamespace: missing,
        landlock: { stage: LANDLOCK_VERSION, errnum: ENOSYS },
      }),
    ).filter(({ name, verdict }) => name === 'layers' && verdict === 'WARN');
    expect(checks.map(({ what }) => what)).toEqual([
      'not available: user namespace, mount namespace, pid namespace: making a user namespace: operation not permitted (EPERM)',
      'not available: Landlock: asking for the version of Landlock: function not implemented (ENOSYS)',
    ]);
  });

  test('a layer that the kernel gave and the proof did not find', () => {
    expect(layerOf('landlock', host({ landlock: { stage: PROOF } }))).toMatchObject({
      available: false,
      why: 'proving that the layer holds: it does not',
    });
  });

  test('a layer that falls short says of what, and is there', () => {
    const layers = host({ noCapabilities: { level: 1, stage: LOCK_PRIVILEGES, errnum: EPERM } });
    const why = 'locking its privileges: operation not permitted (EPERM)';
    expect(layerOf('noCapabilities', layers)).toMatchObject({ available: true, level: 1, why, remedy: '' });
  });

  test('mounts that cannot be made read-only: restricted warns, untrusted does not', () => {
    const layers = host({ mountNamespace: { level: 1, stage: 40, errnum: ENOSYS } });
    const verdicts = said(layers).filter(({ name }) => name.startsWith('level '));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['WARN', 'OK']);
  });

  test('an old Landlock says what it does not hold back', () => {
    const available = said(host({ landlock: { level: 3 } })).find(({ name }) => name === 'layers');
    expect(available?.what).toContain('Landlock (ABI 3, which holds back neither signals nor abstract sockets)');
  });

  test('a probe that does not run is a failure', () => {
    expect(isolationChecks(undefined)).toMatchObject([{ name: 'isolation', verdict: 'FAIL' }]);
  });
});

describe('levels', () => {
  const levels = (layers: Layer[], facts: Partial<IsolationFacts> = {}) =>
    said(layers, facts).filter(({ name }) => name.startsWith('level '));
  const noNamespaces = Object.fromEntries(
    NAMES.filter((name) => /Namespace$|^privateMounts$|^ownProc$/.test(name)).map((name) => [
      name,
      { stage: NAMESPACE, errnum: EPERM },
    ]),
  );

  test('without namespaces: restricted, but nothing of the project can be written; untrusted not, with the remedy', () => {
    const [restricted, untrusted] = levels(host(noNamespaces), { areUserNamespacesOff: true });
    expect(restricted).toMatchObject({ verdict: 'OK' });
    expect(restricted?.what).toContain('the project cannot be written');
    expect(untrusted).toMatchObject({ verdict: 'WARN' });
    expect(untrusted?.what).toMatch(/^level untrusted needs what this host does not give: user namespace, .*EPERM/);
    expect(untrusted?.remedy).toContain('kernel.unprivileged_userns_clone=1');
    expect(untrusted?.remedy).toContain('its hooks are refused');
  });

  test('without Landlock: neither', () => {
    const checks = levels(host({ landlock: { stage: LANDLOCK_VERSION, errnum: ENOSYS } }));
    expect(checks.map(({ verdict }) => verdict)).toEqual(['WARN', 'WARN']);
    expect(checks[0]?.what).toBe(
      'level restricted needs what this host does not give: Landlock (asking for the version of Landlock: function not ' +
        'implemented (ENOSYS))',
    );
  });
});

describe('remedies', () => {
  test.each<[string, LayerName, Partial<Layer>, Partial<IsolationFacts>, string]>([
    [
      'Ubuntu',
      'userNamespace',
      { stage: ID_MAP, errnum: EACCES },
      { doesAppArmorRestrict: true },
      'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
    ],
    [
      'Ubuntu, the profile',
      'mountNamespace',
      { stage: NAMESPACE, errnum: EPERM },
      { doesAppArmorRestrict: true },
      'profile /opt/confine flags=(unconfined) { userns, } profile /opt/probe',
    ],
    [
      'Ubuntu, the file',
      'pidNamespace',
      { stage: NAMESPACE, errnum: EPERM },
      { doesAppArmorRestrict: true },
      'apparmor_parser -r /etc/apparmor.d/hook-supervisor',
    ],
    [
      'Debian of old',
      'userNamespace',
      { stage: USER_NAMESPACE, errnum: EPERM },
      { areUserNamespacesOff: true },
      'sysctl -w kernel.unprivileged_userns_clone=1',
    ],
    [
      'none allowed',
      'userNamespace',
      { stage: USER_NAMESPACE, errnum: ENOSPC },
      { userNamespacesMax: 0 },
      'sysctl -w user.max_user_namespaces',
    ],
    ['too many', 'networkNamespace', { stage: NAMESPACE, errnum: ENOSPC }, {}, 'sysctl user'],
    [
      'a container',
      'pidNamespace',
      { stage: NAMESPACE, errnum: EPERM },
      { isContainer: true },
      '--security-opt seccomp=hooks.json',
    ],
    [
      'a container with masked paths',
      'ownProc',
      { stage: MOUNT_PROC, errnum: EPERM },
      { isContainer: true },
      'systempaths=unconfined',
    ],
    ['a kernel without', 'userNamespace', { stage: USER_NAMESPACE, errnum: EINVAL }, {}, 'CONFIG_USER_NS'],
    [
      'Landlock not started',
      'landlock',
      { stage: LANDLOCK_VERSION, errnum: EOPNOTSUPP },
      {},
      'lsm=landlock,capability,yama',
    ],
    [
      'Landlock not started, unlisted',
      'landlock',
      { stage: LANDLOCK_VERSION, errnum: EOPNOTSUPP },
      { securityModules: '' },
      'lsm=landlock on',
    ],
    ['Landlock not built', 'landlock', { stage: LANDLOCK_VERSION, errnum: ENOSYS }, {}, 'Linux 5.13'],
    [
      'Landlock refused',
      'landlock',
      { stage: LANDLOCK_VERSION, errnum: EPERM },
      { isContainer: true },
      'container runtime',
    ],
    ['seccomp not built', 'seccomp', { stage: 38, errnum: EINVAL }, {}, 'CONFIG_SECCOMP_FILTER'],
  ])('%s: %s', (_host, name, missing, facts, remedy) => {
    expect(layerOf(name, host({ [name]: missing }), facts)?.remedy).toContain(remedy);
  });

  test('none for what is there', () => {
    const facts = { isContainer: true, doesAppArmorRestrict: true, userNamespacesMax: 0 };
    expect(
      isolationReport(host({}), true, { ...PLAIN, ...facts })
        .layers.map(({ remedy }) => remedy)
        .join(''),
    ).toBe('');
  });
});

describe('supervisor-probe', () => {
  test('tells of every layer of this machine', async () => {
    const layers = await probeLayers(packageFiles().probe);
    expect(layers?.map(({ name }) => name)).toEqual(NAMES);
    expect(layers?.find(({ name }) => name === 'noNewPrivs')).toMatchObject({ level: 1 });
  });

  test('one that is not there, fails or says something else is not believed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hs-probe-'));
    const script = join(folder, 'probe');
    try {
      expect(await probeLayers(script)).toBeUndefined();
      for (const text of ['#!/bin/sh\nexit 71\n', '#!/bin/sh\necho hello\n']) {
        writeFileSync(script, text, { mode: 0o755 });
        expect(await probeLayers(script)).toBeUndefined();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
