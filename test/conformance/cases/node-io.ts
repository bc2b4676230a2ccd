/** What a Node hook reads and writes. */
import { expect } from 'vitest';
import { source } from '../../lib/source.js';
import type { HookCase } from '../case.js';
import { module, script } from './node-hook.js';

const INPUT = '{"tool_name": "Bash", "tool_input": {"command": "ls -l"}}\n';
const MIB = 1 << 20;

export const nodeIo: HookCase[] = [
  script(
    'stdin, flowing',
    source`
      let text = '';
      process.stdin.setEncoding('utf8');
      process.stdin.on('data', (part) => { text += part; });
      process.stdin.on('end', () => console.log(text.length, 'end')).on('close', () => console.log('close'));
    `,
    { exitCode: 0, stdout: '300000 end\nclose\n' },
    { stdin: { pieces: [{ data: 'x'.repeat(1000), repeat: 300 }] } },
  ),
  script(
    'stdin, paused',
    source`
      process.stdin.on('readable', () => {
        for (let part = process.stdin.read(16); part !== null; part = process.stdin.read(16)) console.log(String(part));
      });
      process.stdin.on('end', () => console.log('end', process.stdin.isPaused()));
    `,
    { exitCode: 0, stdout: expect.stringContaining('end ') },
    { stdin: INPUT },
  ),
  script(
    'stdin, paused for a while',
    source`
      let length = 0;
      process.stdin.on('data', (part) => {
        length += part.length;
        process.stdin.pause();
        setTimeout(() => process.stdin.resume(), 2);
      });
      process.stdin.on('end', () => console.log(length));
    `,
    { exitCode: 0, stdout: '300000\n' },
    { stdin: { pieces: [{ data: 'x'.repeat(1000), repeat: 300 }] } },
  ),
  module(
    'stdin as an async iterator, in slow pieces',
    source`
      let text = '';
      for await (const part of process.stdin) text += part;
      console.log(JSON.parse(text).list);
    `,
    { exitCode: 0, stdout: '[ 1, 2 ]\n' },
    { stdin: { pieces: [{ data: '{"list": ' }, { data: '[1, 2', afterMs: 120 }, { data: ']}', afterMs: 60 }] } },
  ),
  script(
    'fs.readSync of descriptor 0',
    source`
      const { readSync, fstatSync } = require('fs');
      const part = Buffer.alloc(10);
      const parts = [];
      for (let length = readSync(0, part); length > 0; length = readSync(0, part)) parts.push(part.toString('utf8', 0, length));
      console.log(parts.join('|'), fstatSync(0).isFIFO());
    `,
    { exitCode: 0, stdout: '{"tool_nam|e": "Bash"|, "tool_in|put": {"co|mmand": "l|s -l"}}\n true\n' },
    { stdin: INPUT },
  ),
  script(
    'fs.readFileSync of /dev/stdin',
    "console.log(require('fs').readFileSync('/dev/stdin', 'utf8'));\n",
    {
      exitCode: 0,
      stdout: `${INPUT}\n`,
    },
    { stdin: INPUT },
  ),
  script(
    'readline',
    source`
      const lines = require('readline').createInterface({ input: process.stdin, crlfDelay: Infinity });
      lines.on('line', (line) => console.log([line])).on('close', () => console.log('closed'));
    `,
    { exitCode: 0, stdout: "[ 'one' ]\n[ 'two' ]\n[ 'three' ]\nclosed\n" },
    { stdin: 'one\r\ntwo\nthree' },
  ),
  script(
    'stdin never closed, one line read',
    "process.stdin.once('data', (part) => { console.log(part.length); process.stdin.destroy(); });\n",
    { exitCode: 0, stdout: `${INPUT.length}\n` },
    { stdin: { pieces: [{ data: INPUT }], keepOpen: true } },
  ),
  script(
    'stdin never closed, never read',
    "console.log('done');\n",
    { exitCode: 0, stdout: 'done\n' },
    { stdin: { pieces: [], keepOpen: true } },
  ),
  script(
    'stdin read by a child',
    "require('child_process').spawn('cat', { stdio: 'inherit' }).on('exit', (code) => console.log('exit', code));\n",
    { exitCode: 0, stdout: `${INPUT}exit 0\n` },
    { stdin: INPUT },
  ),
  script(
    '1 MiB to a pipe, then process.exit when it is written',
    `process.stdout.write('x'.repeat(${MIB}), () => process.exit(2));\n`,
    { exitCode: 2, stdout: expect.stringContaining(`${MIB} bytes`) },
  ),
  script(
    '1 MiB in many writes to both, then process.exit when both are written',
    source`
      for (let at = 0; at < 64; at++) {
        process.stdout.write(String(at % 10).repeat(16384));
        process.stderr.write(String(at % 7).repeat(16384));
      }
      process.stdout.write('last', () => process.stderr.write('last', (error) => process.exit(error ? 9 : 3)));
    `,
    {
      exitCode: 3,
      stdout: expect.stringContaining(`${MIB + 4} bytes`),
      stderr: expect.stringContaining(`${MIB + 4} bytes`),
    },
  ),
  script(
    'callbacks and events of stdout',
    source`
      const said = [];
      const more = process.stdout.write('a', () => said.push('a'));
      process.stdout.write(Buffer.from('b'), () => said.push('b'));
      process.stdout.cork(); process.stdout.write('c'); process.stdout.write('d', () => said.push('d')); process.stdout.uncork();
      process.stdout.end('e\n', () => { said.push('e'); process.stderr.write(JSON.stringify([more, said])); });
    `,
    { exitCode: 0, stdout: 'abcde\n', stderr: '[true,["a","b","d","e"]]' },
  ),
  script(
    'stdout and stderr as one file keep their order',
    'for (let at = 0; at < 100; at++) (at % 2 ? console.error : console.log)(at);\n',
    { exitCode: 0, stdout: expect.stringMatching(/^0\n1\n2\n(?:.*\n)*98\n99\n$/) },
    { launch: { mergedOutput: true } },
  ),
  script(
    'writes to /dev/stdout, /dev/stderr and /proc/self/fd/1',
    "for (const name of ['/dev/stdout', '/dev/stderr', '/proc/self/fd/1']) require('fs').appendFileSync(name, `${name}\\n`);\n",
    { exitCode: 0, stdout: '/dev/stdout\n/proc/self/fd/1\n', stderr: '/dev/stderr\n' },
  ),
  script(
    'stdout closed early, heard',
    source`
      process.stdout.on('error', ({ code, syscall }) => { console.error(code, syscall); process.exit(4); });
      const write = () => { if (process.stdout.write('x'.repeat(1000))) setImmediate(write); else process.stdout.once('drain', write); };
      write();
    `,
    { exitCode: 4, stderr: 'EPIPE write\n' },
    { launch: { closeStdoutAfterBytes: 1000 } },
  ),
  script(
    'stdout closed early, unheard',
    source`
      const { writeSync } = require('fs');
      for (let code = ''; code !== 'EPIPE'; ) {
        try { writeSync(1, 'x'); } catch (error) { code = error.code; }
      }
      process.stdout.write('never');
    `,
    { exitCode: 1, stderr: expect.stringContaining('Error: write EPIPE') },
    { launch: { closeStdoutAfterBytes: 1000 } },
  ),
  script(
    'the console',
    source`
      console.log('%s %d %i %f %j %o %O %c%%', 'text', 42.5, 42.5, '1.5', { a: 1 }, [1], { b: { c: { d: {} } } }, 'color: red');
      console.table([{ a: 1, b: 'x' }, { a: 2 }]);
      console.group('group'); console.warn('in it'); console.groupEnd(); console.count(); console.assert(0, 'not so');
      console.dir({ a: new Map([[1, new Set([2])]]), at: new Date(0), big: 1n, sym: Symbol('s') }, { depth: 0 });
      console.trace('here');
    `,
    { exitCode: 0, stdout: expect.stringContaining('(index)') },
  ),
  script(
    'colours asked for and forbidden',
    source`
      const { inspect, styleText } = require('util');
      console.log({ a: 1, b: 'x' }, process.stdout.isTTY, process.stdout.getColorDepth?.(), process.stdout.hasColors?.());
      console.log(inspect({ a: null }, { colors: true }), require('tty').WriteStream.prototype.getColorDepth.call({}, process.env));
      throw new Error('coloured?');
    `,
    { exitCode: 1, stderr: expect.stringContaining('coloured?') },
    { env: ['FORCE_COLOR=1', 'TERM=xterm-256color'] },
  ),
];
