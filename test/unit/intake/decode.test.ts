import { describe, expect, test } from 'vitest';
import { CALL_HEAD_BYTES } from '../../../supervisor/contract/wire.js';
import { decodeCall } from '../../../supervisor/intake/decode.js';

interface Parts {
  flags?: number;
  level?: number;
  argv: string[];
  env: string[];
  cwd: string;
  stdin: string;
}

function payload({ flags = 0, level = 255, argv, env, cwd, stdin }: Parts): Buffer {
  const blob = (strings: string[]) => Buffer.from(strings.map((text) => `${text}\0`).join(''), 'latin1');
  const blobs = [blob(argv), blob(env), Buffer.from(cwd, 'latin1'), Buffer.from(stdin)];
  const head = Buffer.alloc(CALL_HEAD_BYTES);
  const [argvBytes = 0, envBytes = 0, cwdBytes = 0, stdinBytes = 0] = blobs.map((bytes) => bytes.length);
  const fields = [flags, level, 250, argv.length, argvBytes, env.length, envBytes, cwdBytes, stdinBytes];
  for (const [i, value] of fields.entries()) head.writeUInt32LE(value, i * 4);
  head.writeUInt32LE(0o27, 40);
  return Buffer.concat([head, ...blobs]);
}

describe('decodeCall', () => {
  test('every field arrives, any byte of argv and environment included', () => {
    const parts = {
      flags: 2 | 4 | 16,
      argv: ['a b', '', '\xff\n'],
      env: ['X=', 'Y=1\n2', 'Z\xfe'],
      cwd: '/t\xe9',
      stdin: '{}',
    };
    const call = decodeCall(9, payload(parts), 33, 5, 7);
    expect(call).toMatchObject({
      id: 9,
      argv: parts.argv,
      env: parts.env,
      cwd: '/t\xe9',
      cwdFd: 33,
      level: undefined,
      timeoutMs: 250,
      shellText: false,
      mergedOutput: true,
      stdinComplete: true,
      blocking: true,
      receivedAtMs: 5,
      clientPid: 7,
    });
    expect(call?.stdin.toString()).toBe('{}');
    expect(call?.inherited.readUInt32LE(0)).toBe(0o27);
  });

  test('no environment and no folder', () => {
    const call = decodeCall(1, payload({ argv: ['x'], env: [], cwd: '', stdin: '' }), 3, 0, 7);
    expect(call).toMatchObject({ env: [], cwd: '', argv: ['x'] });
  });

  test('a level this version does not know is never taken for a weaker one', () => {
    expect(decodeCall(1, payload({ level: 7, argv: ['x'], env: [], cwd: '', stdin: '' }), 3, 0, 7)).toBeUndefined();
  });
});
