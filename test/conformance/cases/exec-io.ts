/** What hooks that are no Python read and write. */
import { expect } from 'vitest';
import type { HookCase } from '../case.js';

const MIB = 1024 * 1024;
const SIGPIPE = 13;
const TEN_MIB = { pieces: [{ data: '0123456789abcdef', repeat: (10 * MIB) / 16 }] };
const ALL_BYTES = String.fromCharCode(...Array(256).keys());

export const execIo: HookCase[] = [
  { name: 'stdin empty', command: ['wc', '-c'], shows: { exitCode: 0, stdout: '0\n' } },
  { name: 'stdin binary, echoed', command: ['cat'], stdin: ALL_BYTES, shows: { exitCode: 0, stdout: ALL_BYTES } },
  {
    name: 'stdin of 10 MiB, echoed while it comes',
    command: ['cat'],
    stdin: TEN_MIB,
    shows: { exitCode: 0, stdout: expect.stringContaining(`${10 * MIB} bytes`) },
  },
  {
    name: 'stdin of 10 MiB, never read',
    command: ['echo', 'no'],
    stdin: TEN_MIB,
    shows: { exitCode: 0, stdout: 'no\n' },
  },
  {
    name: 'stdin of 10 MiB, partly read',
    command: ['head', '-c', '100000'],
    stdin: TEN_MIB,
    shows: { exitCode: 0, stdout: expect.stringMatching(/^(0123456789abcdef){6250}$/) },
  },
  {
    name: 'stdin closed by the hook, which runs on',
    command: { shell: 'exec 0<&-; sleep 0.1; echo on' },
    stdin: TEN_MIB,
    shows: { exitCode: 0, stdout: 'on\n' },
  },
  {
    name: 'stdin never closed, one line read',
    command: { shell: 'read -r line; echo "$line"' },
    stdin: { pieces: [{ data: '{"a": 1}\n' }], keepOpen: true },
    shows: { exitCode: 0, stdout: '{"a": 1}\n' },
  },
  {
    name: 'stdin never closed, never read',
    command: ['echo', 'done'],
    stdin: { pieces: [], keepOpen: true },
    shows: { exitCode: 0, stdout: 'done\n' },
  },
  {
    name: 'stdin in slow pieces, each answered',
    command: ['cat'],
    stdin: { pieces: [{ data: 'a' }, { data: 'b', afterMs: 120 }, { data: 'c', afterMs: 80 }] },
    shows: { exitCode: 0, stdout: 'abc' },
  },
  {
    name: 'writes to /dev/stdout, /dev/stderr and /proc/self/fd/1',
    command: {
      shell: 'echo a > /dev/stdout; echo b > /dev/stderr; echo c > /proc/self/fd/1; echo d | tee /dev/stderr',
    },
    shows: { exitCode: 0, stdout: 'a\nc\nd\n', stderr: 'b\nd\n' },
  },
  {
    name: 'reads /dev/stdin',
    command: ['cat', '/dev/stdin', '-'],
    stdin: 'text\n',
    shows: { exitCode: 0, stdout: 'text\n' },
  },
  {
    name: '2>&1 keeps the order of two streams',
    command: { shell: 'for n in 1 2 3 4 5 6 7 8 9; do echo out $n; echo err $n >&2; done 2>&1' },
    shows: { exitCode: 0, stdout: expect.stringMatching(/^out 1\nerr 1\n(?:.*\n)*out 9\nerr 9\n$/), stderr: '' },
  },
  {
    name: 'stdout and stderr as one file keep their order',
    command: { shell: 'for n in 1 2 3 4 5 6 7 8 9; do echo out $n; echo err $n >&2; done' },
    launch: { mergedOutput: true },
    shows: { exitCode: 0, stdout: expect.stringMatching(/^out 1\nerr 1\n(?:.*\n)*out 9\nerr 9\n$/) },
  },
  {
    name: 'stdout closed early by its reader',
    command: ['yes', 'line'],
    launch: { closeStdoutAfterBytes: 1000 },
    shows: { stdout: 'line\n'.repeat(200), diesOf: SIGPIPE },
  },
  {
    name: 'stdout closed early while stderr goes on',
    command: { shell: 'yes > /dev/stdout; echo "yes: $?" >&2; exit 4' },
    launch: { closeStdoutAfterBytes: 1000 },
    shows: { exitCode: 4, stderr: 'yes: 141\n' },
  },
  {
    name: 'stdout of 10 MiB of zeros',
    command: ['head', '-c', String(10 * MIB), '/dev/zero'],
    shows: { exitCode: 0, stdout: expect.stringContaining(`${10 * MIB} bytes`) },
  },
  {
    name: 'stderr of 1 MiB and no stdout',
    command: { shell: 'head -c 1048576 /dev/zero >&2' },
    shows: { exitCode: 0, stdout: '', stderr: expect.stringContaining(`${MIB} bytes`) },
  },
  { name: 'no output at all', command: ['true'], shows: { exitCode: 0, stdout: '', stderr: '' } },
  { name: 'stdout without a newline at the end', command: ['printf', 'no newline'], shows: { stdout: 'no newline' } },
];
