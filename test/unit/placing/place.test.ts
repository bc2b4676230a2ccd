/** From a call to how it is held: policy, host and files together. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Call, Level, Plan } from '../../../supervisor/contract/call.js';
import type { HandlerRule } from '../../../supervisor/contract/config.js';
import { LAYER_TEXT, type LayerName, type LayerReport } from '../../../supervisor/contract/isolation.js';
import { createPlacing, type Placed, type Placing } from '../../../supervisor/placing/place.js';
import { files } from '../policy/files.js';
import { callOf } from '../router/call.js';

const NAMES = Object.keys(LAYER_TEXT) as LayerName[];
const HOOK = '/home/u/h/x.sh';
const PROJECT = '/home/u/p';
let handlers: HandlerRule[];
let known: readonly LayerReport[] | 'unusable' | undefined;
let hasCgroup: boolean;
let planned: Call[];
let asked: number;
let pursued: number;
let nowMs: number;
let tree = files();

beforeEach(() => {
  handlers = [];
  known = host();
  hasCgroup = false;
  planned = [];
  asked = 0;
  pursued = 0;
  nowMs = 0;
  tree = files(HOOK, `${PROJECT}/.git/`, '/usr/bin/x');
});

function host(...missing: LayerName[]): LayerReport[] {
  return NAMES.map((name) => {
    const available = !missing.includes(name);
    return {
      name,
      available,
      level: available ? 2 : 0,
      why: available ? '' : 'no',
      remedy: available ? '' : 'mend it',
    };
  });
}

function rule(level: Level, more: Partial<HandlerRule> = {}): HandlerRule {
  const lists = { write: [], read: [], env: [], require: [] };
  return { match: HOOK, level, network: undefined, ...lists, allowDegraded: false, idempotent: false, ...more };
}

const placing = () => everything().place;

function everything(): Placing {
  return createPlacing({
    config: { handlers, pluginLevel: 'restricted', homeFolder: '/home/u', runtimeFolder: '/run/s', stateFolder: '/s' },
    clock: { nowMs: () => nowMs, after: () => () => {} },
    plan(call): Plan {
      planned.push(call);
      return { kind: 'exec', path: HOOK, argv: call.argv, env: call.env, reason: '', throughShell: false };
    },
    pursue() {
      pursued++;
    },
    seen: tree,
    paths: tree,
    layers: {
      get known() {
        return known;
      },
      async ask() {
        asked++;
      },
    },
    hasCgroup,
    workerPaths: ['/usr/bin/x'],
  });
}

function place(change: Partial<Call> = {}): Placed {
  return placing()({ ...callOf([HOOK], ['PATH=/bin', 'MY_TOKEN=1', 'HOME=/home/u'], PROJECT), ...change });
}

function refusal(change: Partial<Call> = {}): string {
  const placed = place(change);
  return placed.kind === 'refused' ? placed.message : `not refused but ${placed.kind}`;
}

describe('contained', () => {
  test('as planned, with the whole environment, and the host is not asked for anything', () => {
    known = undefined;
    expect(place()).toMatchObject({ kind: 'placed', confinement: undefined, plan: { env: planned[0]?.env } });
    expect(planned).toHaveLength(1);
    expect([planned[0]?.env.length, asked]).toEqual([3, 0]);
  });

  test('and what the plan has asked in vain is found out, which it is of no other call', () => {
    place();
    expect(pursued).toBe(1);
    place({ level: 'restricted' });
    handlers = [rule('untrusted')];
    place();
    handlers = [rule('contained', { require: ['cgroup'] })];
    place();
    expect(pursued).toBe(1);
  });

  test('a cgroup that its handler requires', () => {
    handlers = [rule('contained', { require: ['cgroup'] })];
    expect(refusal()).toContain('does not give cgroup, which its handler requires');
    hasCgroup = true;
    expect(place().kind).toBe('placed');
  });
});

describe('above contained', () => {
  test('with the layers of the host and the lists of its files', () => {
    expect(place({ level: 'restricted' })).toMatchObject({
      confinement: {
        ...{ level: 'restricted', network: 'host', project: PROJECT, without: '' },
        layers: NAMES.filter((name) => name !== 'otherUid' && name !== 'networkNamespace'),
        write: [PROJECT],
        read: ['/usr', PROJECT, '/home/u/h'],
      },
    });
  });

  test('planned anew with an environment without secrets, but for those that its handler lets pass', () => {
    place({ level: 'restricted' });
    expect(planned.map(({ env }) => env)).toEqual([expect.anything(), ['PATH=/bin', 'HOME=/home/u']]);
    handlers = [rule('restricted', { env: ['MY_TOKEN'] })];
    const placed = place();
    expect(placed.kind === 'placed' && placed.plan.env).toEqual(['PATH=/bin', 'MY_TOKEN=1', 'HOME=/home/u']);
  });

  test('with an allow-list the hook is told of the proxy, whatever else passes', () => {
    const network = { allow: ['a.example'] };
    handlers = [rule('untrusted', { network, env: ['no_proxy'] })];
    const placed = place({ env: ['PATH=/bin', 'no_proxy=*'] });
    expect(placed).toMatchObject({ confinement: { network, layers: expect.arrayContaining(['networkNamespace']) } });
    expect(placed.kind === 'placed' && placed.plan.env).toEqual([
      'PATH=/bin',
      ...['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].map((name) => `${name}=http://127.0.0.1:3128`),
    ]);
  });

  test('an allow-list without a network namespace is refused, though its handler allows less', () => {
    known = host('networkNamespace');
    handlers = [rule('restricted', { network: { allow: ['a.example'] }, allowDegraded: true })];
    expect(refusal()).toContain('level restricted needs what this host does not give: network namespace');
    handlers = [rule('restricted', { network: 'none', allowDegraded: true })];
    expect(place().kind).toBe('placed');
  });

  test('no variable of the call chooses level or folders', () => {
    const plain = place({ level: 'restricted', env: [] });
    const env = [
      'CLAUDE_PROJECT_DIR=/srv',
      'CLAUDE_PLUGIN_ROOT=/srv',
      'CLAUDE_PLUGIN_DATA=/srv',
      'HOME=/srv',
      'PWD=/srv',
    ];
    const { confinement } = place({ level: 'restricted', env }) as Extract<Placed, { kind: 'placed' }>;
    expect(confinement).toEqual((plain as Extract<Placed, { kind: 'placed' }>).confinement);
    expect(place({ env: ['SUPERVISOR_LEVEL=contained', ...env] })).toMatchObject({ confinement: undefined });
  });

  test('later, where it is not yet known what the host gives', () => {
    known = undefined;
    expect(place({ level: 'restricted' }).kind).toBe('later');
    expect(asked).toBe(1);
  });

  test('refused: layers that lack, with cause and remedy; a probe that does not run, whatever its handler allows', () => {
    known = host('landlock');
    handlers = [rule('restricted')];
    expect(refusal()).toBe(
      `level restricted needs what this host does not give: Landlock (no) (handler ${HOOK}); mend it`,
    );
    known = 'unusable';
    handlers = [rule('restricted', { allowDegraded: true })];
    expect(refusal()).toContain('supervisor-probe does not run');
  });

  test('refused: a project that is the home', () => {
    expect(refusal({ level: 'untrusted', cwd: '/home/u' })).toBe(
      'level untrusted (--level of the client): /home/u cannot be given to a confined hook: it is the home',
    );
  });

  test('a handler that allows less: with what is there, and it is said; not where the client asks for more', () => {
    known = host('landlock');
    handlers = [rule('restricted', { allowDegraded: true })];
    const placed = place() as Extract<Placed, { kind: 'placed' }>;
    expect(placed.confinement?.without).toBe('without Landlock, as its handler allows');
    expect(placed.confinement?.layers).not.toContain('landlock');
    expect(refusal({ level: 'untrusted' })).toContain('needs what this host does not give');
  });

  test('what a handler requires is required, though it allows less', () => {
    known = host('landlock');
    handlers = [rule('restricted', { allowDegraded: true, require: ['landlock', 'cgroup'] })];
    expect(refusal()).toContain('does not give landlock, cgroup, which its handler requires');
  });

  test('without a mount namespace the project is read, not written', () => {
    known = host('mountNamespace');
    expect(place({ level: 'restricted' })).toMatchObject({ confinement: { write: [], protect: [] } });
  });

  test('a folder that comes up is seen a while later', () => {
    const at = placing();
    const call = { ...callOf([HOOK], [], PROJECT), level: 'restricted' as const };
    const readOf = () => (at(call) as Extract<Placed, { kind: 'placed' }>).confinement?.read;
    expect(readOf()).not.toContain('/opt');
    const kind = tree.kind;
    tree.kind = (path) => (path === '/opt' ? 'folder' : kind(path));
    tree.realPath = (path) => path;
    expect(readOf()).not.toContain('/opt');
    nowMs += 60_000;
    expect(readOf()).toContain('/opt');
  });
});

describe('a program that no call brings', () => {
  const POLICY = {
    ...({ level: 'untrusted', network: 'none', write: [], read: ['/usr'], env: ['MY_TOKEN'] } as const),
  };
  const plan = { ...({ kind: 'exec', path: HOOK, argv: [HOOK], reason: '', throughShell: false } as const) };
  const env = ['PATH=/bin', 'MY_TOKEN=1', 'OTHER_TOKEN=2', 'HOME=/home/u'];
  const hold = (change: object = {}) =>
    everything().hold(
      callOf([HOOK], [], PROJECT),
      { ...plan, env },
      { ...POLICY, require: [], allowDegraded: false, file: HOOK, why: 'validator v', ...change },
    );

  test('is held as its policy says, with an environment without secrets, whatever handlers match', () => {
    handlers = [rule('restricted')];
    expect(hold()).toMatchObject({
      ...{ kind: 'placed', plan: { path: HOOK, env: ['PATH=/bin', 'MY_TOKEN=1', 'HOME=/home/u'] } },
      confinement: { level: 'untrusted', network: 'none', write: [] },
    });
    expect(planned).toHaveLength(0);
  });

  test('at contained has the whole environment and needs to know nothing of the host', () => {
    known = undefined;
    expect(hold({ level: 'contained' })).toMatchObject({ kind: 'placed', confinement: undefined, plan: { env } });
    expect(hold({ level: 'contained', require: ['cgroup'] })).toMatchObject({ kind: 'refused' });
    expect(hold()).toMatchObject({ kind: 'later' });
  });
});
