import { expect, it } from 'vitest';
import { ExitCode } from '../../../supervisor/contract/status.js';
import { activatedSocket } from '../../../supervisor/wiring/activation.js';

const PATH = '/run/user/1/hook-supervisor/call.sock';
const HANDED = { LISTEN_FDS: '1', LISTEN_PID: '7', LISTEN_FDNAMES: 'call' };

function activated(env: NodeJS.ProcessEnv, found: string | undefined) {
  const kept: number[] = [];
  const native = {
    listeningPath: (fd: number) => (fd === 3 ? found : undefined),
    closeOnExec: (fd: number) => kept.push(fd),
  };
  return { fd: activatedSocket(native, env, 7, PATH), kept };
}

it('the socket of the expected path is taken, kept from children, and its variables are gone', () => {
  const env = { ...HANDED, PATH: '/bin' };
  expect(activated(env, PATH)).toEqual({ fd: 3, kept: [3] });
  expect(env).toEqual({ PATH: '/bin' });
});

it.each([
  ['no variables', {}],
  ['those of another process', { ...HANDED, LISTEN_PID: '8' }],
])('%s: none', (_what, env) => {
  expect(activated({ ...env }, PATH).fd).toBeUndefined();
});

it.each([
  ['another path', HANDED, '/tmp/call.sock', '/tmp/call.sock'],
  ['no socket that listens', HANDED, undefined, 'no unix stream socket'],
  ['several', { ...HANDED, LISTEN_FDS: '2' }, PATH, '2 descriptors'],
])('%s: refused, with what a unit has to say', (_what, env, found, words) => {
  const attempt = () => activated({ ...env }, found);
  expect(attempt).toThrow(words);
  expect(attempt).toThrow(`ListenStream=${PATH}`);
  expect(attempt).toThrow(expect.objectContaining({ exitCode: ExitCode.BAD_CONFIG }));
});
