import { describe, expect, test } from 'vitest';
import { PATTERNS } from '../../../workers/validators/builtin/secrets/patterns.mjs';
import secrets from '../../../workers/validators/builtin/secrets.mjs';
import { onlyRule, toolEvent, verdictOn } from './events.js';

const IDS = PATTERNS.map(({ id }) => id);
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const BASE62 = `0123456789${LOWER}${LOWER.toUpperCase()}`;

/** No token stands in this file: scanners would take it for a real one. */
function random(length: number, alphabet = BASE62): string {
  let state = 12345;
  return Array.from({ length }, () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return alphabet[Math.floor((state / 2 ** 31) * alphabet.length)];
  }).join('');
}

const jwtPart = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (alg: string) => [jwtPart({ alg, typ: 'JWT' }), jwtPart({ sub: 'somebody' }), random(43)].join('.');
const key = (body: string) => ['-----BEGIN', 'RSA PRIVATE', `KEY-----\n${body}`].join(' ');

const CASES: Record<string, { hits: string[]; misses: string[] }> = {
  'aws-key-id': {
    hits: [`AKIA${random(16, 'ABCDEFGHJKLMNPQRSTUVWXYZ234567')}`],
    misses: [`AKIA${'IOSFODNN7'}EXAMPLE`, `AKIA${'A'.repeat(16)}`, 'AKIA'],
  },
  'github-token': {
    hits: [`ghp_${random(36)}`, `x=gho_${random(40)};`],
    misses: [`ghp_${'x'.repeat(36)}`, `ghp_${random(20)}`, 'ghp_<token>'],
  },
  'github-pat': { hits: [`github_pat_${random(22)}_${random(59)}`], misses: [`github_pat_${random(22)}`] },
  'gitlab-token': { hits: [`glpat-${random(20)}`], misses: [`glpat-${'a'.repeat(20)}`, 'glpat-your-token'] },
  'slack-token': {
    hits: [`xoxb-${random(12, '123456789')}-${random(24)}`],
    misses: ['xoxb-your-token', `xoxb-${random(24)}`],
  },
  'slack-hook': {
    hits: [`https://hooks.slack.com/services/T${random(9).toUpperCase()}/B${random(9).toUpperCase()}/${random(24)}`],
    misses: ['https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX'],
  },
  'stripe-key': {
    hits: [`sk_live_${random(24)}`, `rk_live_${random(99)}`],
    misses: [`sk_test_${random(24)}`, `pk_live_${random(24)}`],
  },
  'google-key': { hits: [`AIza${random(35)}`], misses: [`AIza${random(30)}`, `AIza${'0'.repeat(35)}`] },
  'anthropic-key': {
    hits: [`sk-ant-api03-${random(95)}`],
    misses: ['sk-ant-api03-...', `sk-ant-api03-${'x'.repeat(95)}`],
  },
  'openai-key': { hits: [`sk-proj-${random(60)}${'T3Blbk'}FJ${random(60)}`], misses: [`sk-${random(48)}`] },
  'npm-token': {
    hits: [`//registry/:_authToken=npm_${random(36)}`],
    misses: ['npm_config_registry', `npm_${'a'.repeat(36)}`],
  },
  'pypi-token': { hits: [`pypi-${'AgEIcHlw'}aS5vcmc${random(80)}`], misses: [`pypi-${random(80)}`] },
  'huggingface-token': { hits: [`hf_${random(34, LOWER + LOWER.toUpperCase())}`], misses: [`hf_${random(20, LOWER)}`] },
  'digitalocean-token': { hits: [`dop_v1_${random(64, '0123456789abcdef')}`], misses: [`dop_v1_${'0'.repeat(64)}`] },
  'sendgrid-key': { hits: [`SG.${random(22)}.${random(43)}`], misses: [`SG.${random(22)}`] },
  'azure-storage-key': {
    hits: [`AccountName=a;AccountKey=${random(86)}==`],
    misses: ['AccountKey=<key>', `AccountKey=${random(40)}==`],
  },
  'private-key': {
    hits: [key(random(128)), key(random(128)).replace('\n', '\\n')],
    misses: [key(''), key('...'), `grep "${key('').trim()}" -r .`, key('A'.repeat(128))],
  },
  jwt: {
    hits: [jwt('HS256'), `Authorization: Bearer ${jwt('RS256')}`],
    misses: [jwt('none'), `eyJ${random(30)}.eyJ${random(30)}.${random(43)}`],
  },
  'url-password': {
    hits: [`postgres://app:${random(16)}@db.internal/x`, `https://me:${random(20)}@example.org`],
    misses: [
      'postgres://postgres:postgres@localhost/x',
      'https://user:${PASSWORD}@host',
      'http://localhost:8080/@scope',
      'redis://u:password@h',
    ],
  },
  assigned: {
    hits: [`api_key = "${random(32)}"`, `"client_secret": "${random(40)}"`],
    misses: [
      'api_key = "your-api-key-goes-right-here"',
      'password = "correct horse battery staple"',
      `api_key = os.environ["KEY"]`,
      `password: "${'a1'.repeat(16)}"`,
    ],
  },
};

test('every kind has texts that it is found in and texts that it is not', () => {
  expect(Object.keys(CASES).sort()).toEqual([...IDS].sort());
});

const onContent = (content: string, settings = {}) =>
  verdictOn(secrets, toolEvent('Write', { file_path: '/proj/x', content }), settings);

describe.each(Object.entries(CASES))('%s', (id, { hits, misses }) => {
  test('is found', async () => {
    for (const text of hits) {
      const { decision } = await onContent(`line\n  ${text}\n`, onlyRule(IDS, id));
      expect([text.slice(0, 12), decision]).toEqual([
        text.slice(0, 12),
        PATTERNS.find((one) => one.id === id)?.decision,
      ]);
    }
  });

  test('is not seen in what only looks like it', async () => {
    for (const text of misses) expect([text, await onContent(text)]).toEqual([text, {}]);
  });
});

describe('secrets', () => {
  const token = `ghp_${random(36)}`;

  test('the reason says where and what, and does not repeat the secret', async () => {
    expect(await onContent(token)).toEqual({
      decision: 'deny',
      reason: 'content holds a GitHub token (ghp_..., 40 characters)',
    });
  });

  test('commands, addresses, prompts and lists are looked at', async () => {
    const inputs = [
      ['Bash', { command: `curl -H "Authorization: ${token}" x` }],
      ['WebFetch', { url: `https://x/?t=${token}`, prompt: '' }],
      ['Task', { prompt: `use ${token}` }],
      ['MultiEdit', { edits: [{ old_string: 'a', new_string: token }] }],
      ['mcp__x__y', { deep: { er: [{ text: token }] } }],
    ] as const;
    for (const [tool, input] of inputs)
      expect([tool, (await verdictOn(secrets, toolEvent(tool, input))).decision]).toEqual([tool, 'deny']);
    const shell = toolEvent(
      '',
      {},
      { name: 'beforeShellExecution', toolName: null, toolInput: null, raw: { command: token } },
    );
    expect(await verdictOn(secrets, shell)).toMatchObject({ decision: 'deny' });
  });

  test('taking a secret away is allowed', async () => {
    expect(
      await verdictOn(
        secrets,
        toolEvent('Edit', { file_path: 'x', old_string: token, new_string: 'process.env.TOKEN' }),
      ),
    ).toEqual({});
  });

  test('texts that settings name are ignored', async () => {
    expect(await onContent(token, { ignore: [token.slice(0, 20)] })).toEqual({});
  });

  test('of a very long text the start is looked at, and that is said', async () => {
    expect(await onContent(`${'a '.repeat(1024 * 1024)}${token}`)).toEqual({
      context: 'secrets: only the first 2097152 characters of content were looked at',
    });
  });

  test.each(['eyJ', 'a:', 'sk-', '-----BEGIN RSA PRIVATE KEY-----\n', 'api_key = "', 'x://a:', 'SG.aa', 'A'])(
    'two million characters of %j take less than five seconds',
    async (text) => {
      const startedAtMs = performance.now();
      await onContent(text.repeat(2_000_000 / text.length));
      expect(performance.now() - startedAtMs).toBeLessThan(5_000);
    },
  );
});
