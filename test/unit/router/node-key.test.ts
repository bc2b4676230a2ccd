import { expect, test } from 'vitest';
import type { FileFacts } from '../../../supervisor/router/file-facts.js';
import { type NodeStart, nodePoolKey, nodeStartEnvironment } from '../../../supervisor/router/node-key.js';

const START: NodeStart = {
  interpreter: '/usr/bin/node',
  argv: ['node', 'hook.js'],
  flags: [],
  startEnv: ['HOME=/home/a'],
};

function key(change: Partial<NodeStart>, stamps: Record<string, string> = {}): string {
  const file = (path: string) => ({ stamp: stamps[path] ?? '1' }) as FileFacts;
  return nodePoolKey({ ...START, ...change }, { file });
}

test('the variables that a start reads, sorted, the first of a name', () => {
  const env = [
    'TZ=UTC',
    'PATH=/bin',
    'LC_ALL=C',
    'FORCE_COLOR=1',
    'TZ=CET',
    'NODE_PATH=/lib',
    'HOMEX=1',
    'X',
    'LANG=C',
  ];
  expect(nodeStartEnvironment(env)).toEqual(['LANG=C', 'LC_ALL=C', 'NODE_PATH=/lib', 'TZ=UTC']);
});

test.each([
  'NODE_V8_COVERAGE=/tmp/c',
  'NODE_CHANNEL_FD=3',
  'NODE_DEBUG=fs',
  'NODE_COMPILE_CACHE=/tmp/c',
  'NODE_PENDING_DEPRECATION=1',
  'NODE_USE_ENV_PROXY=1',
  'NODE_OPTIONS=-r ./x.js',
  'NODE_EXTRA_CA_CERTS=certs.pem',
  'OPENSSL_CONF=openssl.cnf',
])('%s: no parked process', (entry) => {
  expect(nodeStartEnvironment([entry])).toHaveProperty('unsupported');
});

test('too many start variables', () => {
  const env = Array.from({ length: 257 }, (_, index) => `LC_${index}=x`);
  expect(nodeStartEnvironment(env)).toHaveProperty('unsupported');
});

test('what makes another pool', () => {
  const certificates = { startEnv: ['NODE_EXTRA_CA_CERTS=/certs.pem'] };
  const keys = [
    key({}),
    key({ argv: ['/usr/bin/node', 'hook.js'] }),
    key({ interpreter: '/opt/node' }),
    key({ flags: ['--no-warnings'] }),
    key({ flags: ['-e', 'text'] }),
    key({ flags: ['-e', 'other text'] }),
    key({ startEnv: ['HOME=/home/b'] }),
    key({ flags: ['HOME=/home/a'], startEnv: [] }),
    key({}, { '/usr/bin/node': '2' }),
    key(certificates),
    key(certificates, { '/certs.pem': '2' }),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.every((name) => /^node-[0-9a-f]{16}$/.test(name))).toBe(true);
  expect(key({})).toBe(keys[0]);
});
