// What a recording costs. `node test/bench/recording.mjs`: the same calls through a daemon that never records and one that
// does, taking turns; `--beside FOLDER` adds a daemon of another installation, to see what the one that is off pays.
// `--rounds` says how many calls in each block. Prints a table; nothing fails.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { measureFromC } from './parents.mjs';
import { buildPrograms } from './programs.mjs';
import { median, quantile } from './statistics.mjs';
import { CLIENT, ScratchSupervisor } from './supervisor.mjs';

const BLOCKS = 5;
const REST_MS = 1_500;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '2000' }, beside: { type: 'string' } },
});
const say = (text) => process.stdout.write(`${text}\n`);
const ms = (value) => value.toFixed(3);

const daemon = (installation) => new ScratchSupervisor('recording', process.env.PATH, installation);
const variants = [
  { name: 'off', supervisor: daemon() },
  { name: 'on', supervisor: daemon() },
  ...(values.beside === undefined ? [] : [{ name: 'beside', supervisor: daemon(values.beside) }]),
];
try {
  const { folder } = variants[0].supervisor;
  const { echo, parent } = buildPrograms(join(folder, 'programs'));
  const cwd = join(folder, 'project');
  mkdirSync(cwd);
  for (const { supervisor } of variants) supervisor.up();
  variants[1].supervisor.verb('record', 'on', '--max-bytes', '256M');
  const socketOf = ({ runtimeFolder }) => join(runtimeFolder, 'call.sock');
  const commands = variants.map(({ supervisor }) => [CLIENT, 'run', '--socket', socketOf(supervisor), '--', echo]);
  const env = { PATH: process.env.PATH, LANG: 'C.UTF-8' };
  measureFromC(parent, commands, { rounds: 300, gapMs: 0, atOnce: 1, env, cwd });
  await sleep(REST_MS);
  const titles = ['p50', 'p99'].flatMap((share) => variants.map(({ name }) => `${name} ${share}`));
  say(`| block | ${titles.join(' | ')} |\n|---|${titles.map(() => '---|').join('')}`);
  const all = variants.map(() => []);
  for (let block = 1; block <= BLOCKS; block++) {
    const took = measureFromC(parent, commands, { rounds: Number(values.rounds), gapMs: 0, atOnce: 1, env, cwd });
    for (const [index, times] of took.entries()) all[index].push(...times);
    say(row(block, took));
  }
  say(row('all', all));
  const { calls, recording } = await variants[1].supervisor.status();
  say(`\n${recording.written} calls written, ${recording.dropped} dropped, ${calls.switched} switched`);
} finally {
  for (const { supervisor } of variants) {
    supervisor.down();
    supervisor.remove();
  }
}

function row(name, took) {
  return `| ${[name, ...took.map(median).map(ms), ...took.map((times) => ms(quantile(times, 0.99)))].join(' | ')} |`;
}
