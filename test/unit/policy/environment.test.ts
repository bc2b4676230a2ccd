import { expect, test } from 'vitest';
import { proxied, scrubbed } from '../../../supervisor/policy/environment.js';

const names = (env: string[], allowed: string[] = []) =>
  scrubbed(
    env.map((name) => `${name}=1`),
    allowed,
  ).map((entry) => entry.slice(0, -2));

test('what programs and agents need passes, in order', () => {
  const env = ['LC_ALL', 'PATH', 'CLAUDE_PROJECT_DIR', 'HOME', 'CLAUDE_PLUGIN_OPTION_MODE', 'GEMINI_PROJECT_DIR'];
  expect(names(env)).toEqual(env);
});

test('all else is dropped: keys, what loads code, what others obey', () => {
  const env = ['ANTHROPIC_API_KEY', 'AWS_PROFILE', 'LD_PRELOAD', 'BASH_ENV', 'PYTHONPATH', 'NODE_OPTIONS'];
  expect(names([...env, 'CLAUDE_ENV_FILE', 'SSH_AUTH_SOCK', 'DBUS_SESSION_BUS_ADDRESS', 'LCX'])).toEqual([]);
});

test.each(['API_KEY', 'TOKEN', 'GITHUB_TOKEN_2', 'CLIENT_SECRET', 'DB_PASSWORD', 'APIKEY'])(
  'an option of a plugin whose name tells of a secret is dropped: %s',
  (name) => {
    expect(names([`CLAUDE_PLUGIN_OPTION_${name}`])).toEqual([]);
  },
);

test('a name that only resembles one passes', () => {
  expect(names(['CLAUDE_PLUGIN_OPTION_KEYBOARD', 'CLAUDE_PLUGIN_OPTION_AUTHOR'])).toHaveLength(2);
});

test('a configured name passes, whatever it is; others of its beginning do not', () => {
  expect(names(['MY_TOKEN', 'MY_TOKEN2'], ['MY_TOKEN'])).toEqual(['MY_TOKEN']);
});

test('an entry without a sign or without a name is dropped', () => {
  expect(scrubbed(['PATH', '=x', 'PATH=/bin'], [])).toEqual(['PATH=/bin']);
});

test('with an allow-list the four variables name the proxy of the sandbox, and none of the caller names another way', () => {
  const env = [
    'A=1',
    'http_proxy=http://x',
    'NO_PROXY=*',
    'ALL_PROXY=socks5://x',
    'no_proxy=a',
    'ftp_proxy=x',
    'MY_PROXY=y',
  ];
  const proxy = 'http://127.0.0.1:3128';
  expect(proxied(env, { allow: ['a.example'] })).toEqual([
    ...[
      'A=1',
      'MY_PROXY=y',
      `HTTP_PROXY=${proxy}`,
      `HTTPS_PROXY=${proxy}`,
      `http_proxy=${proxy}`,
      `https_proxy=${proxy}`,
    ],
  ]);
  expect(proxied(env, 'none')).toBe(env);
  expect(proxied(env, 'host')).toBe(env);
});
