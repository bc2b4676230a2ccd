/** At which level a call runs: by the files that it runs, the configuration, and the client's flag. */
import { describe, expect, test } from 'vitest';
import type { Level, Plan } from '../../../supervisor/contract/call.js';
import type { HandlerRule } from '../../../supervisor/contract/config.js';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { calledFiles, scriptOf } from '../../../supervisor/policy/called-files.js';
import { policyMaker } from '../../../supervisor/policy/policy.js';
import { callOf } from '../router/call.js';
import { files } from './files.js';

const HOME = '/home/u';
const PLUGIN = `${HOME}/.claude/plugins/cache/m/p/1.0/hook.py`;

function rule(match: string, level: Level, more: Partial<HandlerRule> = {}): HandlerRule {
  const lists = { write: [], read: [], env: [], require: [] };
  return { match, level, network: undefined, ...lists, allowDegraded: false, idempotent: false, ...more };
}

function exec(path: string, argv: readonly string[]): Plan {
  return { kind: 'exec', path, argv, env: [], reason: '', throughShell: false };
}

function python(script: string): Plan {
  const argv = ['python3', script];
  const rest = { flags: [], startEnv: [], env: [], throughShell: false, argv };
  return {
    ...{ kind: 'interpreter', runtime: 'python', interpreter: '/usr/bin/python3', ...rest },
    ...{ program: { mode: 'script', index: 1 }, fallback: { path: '/usr/bin/python3', argv, env: [] } },
  };
}

function policy(plan: Plan, rules: HandlerRule[], asked?: Level, tree = files(), pluginLevel: Level = 'restricted') {
  const call = { ...callOf(plan.kind === 'exec' ? plan.argv : [], [], '/home/u/p'), level: asked };
  return policyMaker({ handlers: rules, pluginLevel, homeFolder: HOME }, tree)(call, plan);
}

describe('the configuration', () => {
  test('the first handler that matches counts', () => {
    const rules = [rule('/home/u/h/*.py', 'untrusted'), rule('/home/u/h/**', 'restricted'), rule('**', 'contained')];
    expect(policy(python('/home/u/h/a.py'), rules).level).toBe('untrusted');
    expect(policy(python('/home/u/h/x/a.py'), rules).level).toBe('restricted');
    expect(policy(python('/home/u/a.py'), rules).level).toBe('contained');
  });

  test('nothing matches: contained; below a plugin folder: the level of plugins, unless a handler says otherwise', () => {
    expect(policy(python('/home/u/a.py'), [])).toMatchObject({ level: 'contained', why: '' });
    expect(policy(python(PLUGIN), [])).toMatchObject({ level: 'restricted', file: PLUGIN, why: 'a file of a plugin' });
    expect(policy(python(PLUGIN), [], undefined, files(), 'untrusted').level).toBe('untrusted');
    expect(policy(python(PLUGIN), [rule(PLUGIN, 'contained')]).level).toBe('contained');
    for (const name of ['.codex/plugins', '.cursor/plugins', '.gemini/extensions']) {
      expect(policy(python(`${HOME}/${name}/x/h.py`), []).level).toBe('restricted');
    }
    expect(policy(python(`${HOME}/.claude/hooks/h.py`), []).level).toBe('contained');
    expect(policy(python(`${HOME}/.claude/plugins`), []).level).toBe('contained');
  });

  test.each([
    ['a relative path', 'h.py', '/home/u/p/h.py'],
    ['dots and slashes', '/home/u//p/../p/./h.py', '/home/u/p/h.py'],
    ['a dot at the beginning of a name', '/home/u/p/.h/.x.py', '/home/u/p/**'],
    ['a line end in the name', '/home/u/p/a\nb.py', '/home/u/p/**'],
    ['letters beyond ASCII', Buffer.from('/home/u/p/hé.py').toString('latin1'), '/home/u/p/h?.py'],
  ])('%s does not get round a handler', (_name, script, match) => {
    expect(policy(python(script), [rule(match, 'restricted')]).level).toBe('restricted');
  });

  test('a link counts as what it is called and as what it leads to, whichever is stricter', () => {
    const tree = files('/home/u/bad/h.py', '/home/u/good.py -> /home/u/bad/h.py');
    expect(policy(python('/home/u/good.py'), [rule('/home/u/bad/**', 'untrusted')], undefined, tree).level).toBe(
      'untrusted',
    );
    const rules = [rule('/home/u/good.py', 'restricted'), rule('/home/u/bad/**', 'contained')];
    expect(policy(python('/home/u/good.py'), rules, undefined, tree).level).toBe('restricted');
  });
});

describe("the client's flag", () => {
  const levels: Level[] = ['contained', 'restricted', 'untrusted'];
  test.each(levels.flatMap((configured) => levels.map((asked) => [configured, asked] as const)))(
    'configured %s, asked for %s: the stricter',
    (configured, asked) => {
      const stricter = levels[Math.max(levels.indexOf(configured), levels.indexOf(asked))];
      expect(policy(python('/x.py'), [rule('/x.py', configured)], asked).level).toBe(stricter);
    },
  );

  test('no flag does not loosen', () => {
    expect(policy(python('/x.py'), [rule('/x.py', 'untrusted')]).level).toBe('untrusted');
  });

  test('a rule loosens at its own level only', () => {
    const rules = [rule('/x.py', 'restricted', { network: 'host', allowDegraded: true, write: ['/w'] })];
    expect(policy(python('/x.py'), rules)).toMatchObject({ network: 'host', allowDegraded: true, write: ['/w'] });
    expect(policy(python('/x.py'), rules, 'untrusted')).toMatchObject({ network: 'none', allowDegraded: false });
  });

  test('network: none at untrusted, host below; a rule says otherwise', () => {
    expect(policy(python('/x.py'), [], 'restricted').network).toBe('host');
    expect(policy(python('/x.py'), [], 'untrusted').network).toBe('none');
    expect(policy(python('/x.py'), [rule('/x.py', 'untrusted', { network: 'host' })]).network).toBe('host');
    const list = { allow: ['a.example'] };
    expect(policy(python('/x.py'), [rule('/x.py', 'untrusted', { network: list })]).network).toBe(list);
    // It was given to a hook that is less confined.
    expect(policy(python('/x.py'), [rule('/x.py', 'restricted', { network: list })], 'untrusted').network).toBe('none');
    expect(policy(python('/x.py'), [rule('/x.py', 'restricted', { network: 'none' })], 'untrusted').network).toBe(
      'none',
    );
  });
});

describe('the files of a call', () => {
  const of = (plan: Plan, env: string[] = []) =>
    calledFiles(callOf(plan.kind === 'exec' ? plan.argv : [], env, '/home/u/p'), plan, HOME);

  test('of an interpreter the script, and what was executed to start it', () => {
    expect(of(python('h.py'))).toEqual(['/home/u/p/h.py', '/usr/bin/python3']);
  });

  test('a program of the system may run any of its arguments, one of the user does not', () => {
    expect(of(exec('/usr/bin/timeout', ['timeout', '-k', '1', '5', '/h/x.sh']))).toContain('/h/x.sh');
    expect(of(exec('/home/u/bin/tool', ['tool', PLUGIN]))).toEqual(['/home/u/bin/tool']);
  });

  test.each([
    ['cd /x && python3 ~/h.py', '/home/u/h.py'],
    ['"$ROOT"/h.sh | cat', '/root/of/plugin/h.sh'],
    ['"${ROOT}/a b.sh"', '/root/of/plugin/a b.sh'],
    ["exec '/odd name/h.sh'", '/odd name/h.sh'],
    ['x=/h.sh; sh "$x"', '/h.sh'],
    ['./h.sh;true', '/home/u/p/h.sh'],
  ])('a text that its shell runs: %s', (text, file) => {
    expect(of(exec('/bin/sh', ['/bin/sh', '-c', text]), ['ROOT=/root/of/plugin'])).toContain(file);
  });

  test('a text for a shell behind another program', () => {
    expect(of(exec('/usr/bin/env', ['env', 'bash', '-c', `. ${PLUGIN}; true`]))).toContain(PLUGIN);
  });

  test('more files than are looked at: the strictest level that there is', () => {
    const words = Array.from({ length: LIMITS.calledFilesMax + 1 }, (_, n) => `/f${n}`);
    const plan = exec('/bin/sh', ['sh', '-c', words.join(' ')]);
    expect(of(plan)).toBeUndefined();
    expect(policy(plan, []).level).toBe('restricted');
    expect(policy(plan, [rule('/nowhere', 'untrusted')]).level).toBe('untrusted');
  });

  test('the script is what is shown to a sandbox: never an argument', () => {
    const script = (plan: Plan) => scriptOf(callOf([], [], '/home/u/p'), plan);
    expect(script(python('h.py'))).toBe('/home/u/p/h.py');
    expect(script(exec('/bin/bash', ['bash', '-e', 'g.sh', '/home/u/private/x']))).toBe('/home/u/p/g.sh');
    expect(script(exec('/usr/bin/cat', ['cat', '/home/u/private/x']))).toBe('/usr/bin/cat');
    expect(script(exec('./g.sh', ['./g.sh', 'x']))).toBe('/home/u/p/g.sh');
  });

  test.each([
    ['/bin/bash', '--rcfile', '-c', 'cat'],
    ['/bin/bash', '-O', 'extglob'],
    ['/bin/bash', '-c'],
    ['/bin/sh', '-s'],
    ['/bin/sh', '-eo', 'nounset'],
    ['/bin/bash', '--'],
    ['/usr/bin/python3', '-W', 'error'],
    ['/usr/bin/python3', '-m', 'json.tool'],
    ['/usr/bin/perl', '-I', '-e', 'print'],
    ['/usr/bin/node', '--require'],
    ['/usr/bin/node', '--eval=1'],
    ['/usr/bin/node', '--import=./evil.mjs'],
  ])('%s %s: the file behind it is not taken for the script', (path, option, ...more) => {
    const argv = [path, option, '/home/u/private/x', ...more];
    expect(scriptOf(callOf([], [], '/home/u/p'), exec(path, argv))).toBeUndefined();
  });

  test('of a script before which other code is loaded nothing is shown either', () => {
    const plan = { ...python('/home/u/private/x.js'), flags: ['--require=./evil.js'] } as Plan;
    expect(scriptOf(callOf([], [], '/home/u/p'), plan)).toBeUndefined();
  });

  test.each([
    ['/bin/bash', '-eu'],
    ['/usr/bin/python3', '-I'],
    ['/usr/bin/perl', '-w'],
    ['/usr/bin/node', '--max-old-space-size=100'],
    ['/usr/bin/node', '--inspect'],
  ])('%s %s takes nothing: the script stands behind it', (path, option) => {
    expect(scriptOf(callOf([], [], '/home/u/p'), exec(path, [path, option, 'x']))).toBe('/home/u/p/x');
  });
});
