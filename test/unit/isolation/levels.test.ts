/** Which layers a level enters on some hosts. */
import { describe, expect, test } from 'vitest';
import { LAYER_TEXT, type LayerName, type LayerReport } from '../../../supervisor/contract/isolation.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { levelsDegraded } from '../../../supervisor/isolation/degraded.js';
import { isolationFacts } from '../../../supervisor/isolation/facts.js';
import { HostLayers } from '../../../supervisor/isolation/host-layers.js';
import { lackingText, layersFor, unmet } from '../../../supervisor/isolation/levels.js';

const NAMES = Object.keys(LAYER_TEXT) as LayerName[];
const NAMESPACES = NAMES.filter((name) => /Namespace$|^privateMounts$|^ownProc$/.test(name));

function without(...missing: LayerName[]): LayerReport[] {
  return NAMES.map((name) => {
    const isThere = !missing.includes(name);
    return {
      name,
      available: isThere,
      level: isThere ? 2 : 0,
      why: isThere ? '' : 'refused',
      remedy: isThere ? '' : 'ask',
    };
  });
}

describe('a host that gives everything', () => {
  const all = NAMES.filter((name) => name !== 'otherUid');
  test.each(['restricted', 'untrusted'] as const)('%s enters all but another uid, in order', (level) => {
    expect(layersFor(level, 'none', without())).toEqual({
      ...{ layers: all, lacking: [], doorLacking: [], withoutProtection: false },
    });
  });

  test('with the network of a direct run there is no network namespace, and none is lacking', () => {
    const { layers } = layersFor('untrusted', 'host', without());
    expect(layers).toEqual(all.filter((name) => name !== 'networkNamespace'));
    expect(layersFor('untrusted', 'host', without('networkNamespace')).lacking).toEqual([]);
  });
});

describe('with an allow-list', () => {
  const list = { allow: ['a.example'] };
  const names = (reports: readonly LayerReport[]) => reports.map(({ name }) => name);

  test('the network namespace is entered at either level', () => {
    for (const level of ['restricted', 'untrusted'] as const)
      expect(layersFor(level, list, without())).toMatchObject({
        ...{ layers: expect.arrayContaining(['networkNamespace']), lacking: [], doorLacking: [] },
      });
  });

  test.each(['networkNamespace', 'pidNamespace'] as const)('no level does without %s, degraded or not', (name) => {
    for (const level of ['restricted', 'untrusted'] as const) {
      const { lacking, doorLacking } = layersFor(level, list, without(name));
      expect([names(lacking), names(doorLacking)]).toEqual([[name], [name]]);
    }
  });

  test('a network namespace without a loopback is none', () => {
    const reports = without().map((one) => (one.name === 'networkNamespace' ? { ...one, level: 1 } : one));
    expect(names(layersFor('untrusted', list, reports).doorLacking)).toEqual(['networkNamespace']);
    expect(layersFor('untrusted', 'none', reports).lacking).toEqual([]);
  });
});

describe('a host that gives less', () => {
  test('restricted does without namespaces, and says that nothing can be protected', () => {
    const { layers, lacking, withoutProtection } = layersFor('restricted', 'host', without(...NAMESPACES));
    expect(lacking).toEqual([]);
    expect(layers.filter((name) => NAMESPACES.includes(name))).toEqual([]);
    expect(withoutProtection).toBe(true);
  });

  test.each(['resourceLimits', 'closedDescriptors', 'noNewPrivs', 'noCapabilities', 'landlock', 'seccomp'] as const)(
    'no level does without %s',
    (name) => {
      for (const level of ['restricted', 'untrusted'] as const) {
        expect(layersFor(level, 'host', without(name)).lacking.map((one) => one.name)).toEqual([name]);
      }
    },
  );

  test.each(NAMESPACES)('untrusted does not do without %s', (name) => {
    expect(layersFor('untrusted', 'none', without(name)).lacking.map((one) => one.name)).toEqual([name]);
  });

  test('a keyring that cannot be left is not lacking', () => {
    expect(layersFor('untrusted', 'none', without('sessionKeyring')).lacking).toEqual([]);
  });

  test('layers that lack for one cause stand together', () => {
    const { lacking } = layersFor('untrusted', 'none', without('pidNamespace', 'ownProc'));
    expect(lackingText('untrusted', lacking)).toBe(
      'level untrusted needs what this host does not give: pid namespace, own /proc (refused)',
    );
  });
});

test('what a policy insists on is held against what is entered', () => {
  expect(unmet(['landlock', 'cgroup'], ['landlock'], true)).toEqual([]);
  expect(unmet(['landlock', 'cgroup', 'seccomp'], ['seccomp'], false)).toEqual(['landlock', 'cgroup']);
});

describe('status', () => {
  test('restricted where no mount can be made read-only', () => {
    const reports = without().map((one) => (one.name === 'mountNamespace' ? { ...one, level: 1 } : one));
    expect(levelsDegraded(reports)).toEqual([
      { layer: 'level restricted', reason: expect.stringContaining('read-only'), remedy: 'use Linux 5.12 or newer' },
    ]);
  });

  test('nothing where all is there, or only a keyring or another uid is not', () => {
    expect(levelsDegraded(without())).toEqual([]);
    expect(levelsDegraded(without('sessionKeyring', 'otherUid'))).toEqual([]);
  });

  test('what is refused, what is entered with less, and that nothing is written then', () => {
    const [restricted, untrusted] = levelsDegraded(without('mountNamespace'));
    expect(restricted).toEqual({
      layer: 'level restricted',
      reason: 'it is entered without mount namespace; the project cannot be written',
      remedy: 'ask',
    });
    expect(untrusted?.reason).toContain('level untrusted needs what this host does not give');
  });
});

describe('asking the host', () => {
  const facts = () => ({
    ...{ isContainer: false, doesAppArmorRestrict: false, areUserNamespacesOff: false, userNamespacesMax: 1 },
    ...{ securityModules: '', programs: [] },
  });
  const layers = NAMES.map((name) => ({ name, level: 1, stage: 0, errnum: 0 }));
  const clock = { nowMs: () => nowMs, after: () => () => {} };
  let nowMs = 0;

  test('the probe runs once, for all who ask meanwhile and later', async () => {
    let runs = 0;
    const probe = async () => {
      runs++;
      return layers;
    };
    const host = new HostLayers(probe, facts, clock);
    expect(host.known).toBeUndefined();
    await Promise.all([host.ask(), host.ask()]);
    expect(host.known).toHaveLength(NAMES.length);
    expect(runs).toBe(1);
  });

  test('a probe that does not run is not run again at once, but later', async () => {
    let answer: typeof layers | undefined;
    const host = new HostLayers(async () => answer, facts, clock);
    await host.ask();
    expect(host.known).toBe('unusable');
    nowMs += LIMITS.probeRetryMs;
    expect(host.known).toBeUndefined();
    answer = layers;
    await host.ask();
    expect(host.known).toHaveLength(NAMES.length);
  });
});

test('a profile for user namespaces is for the programs that enter one, never for the keeper, whose children are hooks', () => {
  expect(isolationFacts('/opt/build').programs).toEqual([
    '/opt/build/supervisor-confine',
    '/opt/build/supervisor-probe',
  ]);
});
