import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellEnd } from '../../../supervisor/router/shell-end.js';

const signals = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 25, 26, 27, 29, 30, 31, 34, 40, 64];

test.each(signals)('dash whose command dies of signal %i', (signal) => {
  // Without core files, as in a task. `&& true` keeps every dash waiting for its command.
  const text = `ulimit -c 0; /bin/sh -c 'kill -${signal} $$' && true`;
  const { status, stderr } = spawnSync('/bin/dash', ['-c', text], { encoding: 'utf8' });
  expect(shellEnd(signal)).toEqual({ exitCode: status, stderr });
});
