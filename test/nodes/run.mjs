// `npm run test:nodes [-- MAJOR...]`: the lanes that depend on Node, under each supported Node: as the daemon's, as the
// hooks', and as that of the tests. Ends with a table.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchNode } from './fetch.mjs';

const MAJORS = [20, 22, 24, 26];
const LANES = ['unit', 'conformance'];
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

function runLanes(bin) {
  const { NODE_OPTIONS: _, HS_TEST_NODES: __, ...env } = process.env;
  const options = { cwd: root, env: { ...env, PATH: `${bin}:${env.PATH}` }, encoding: 'utf8' };
  const node = join(bin, 'node');
  const version = spawnSync(node, ['--version'], options).stdout.trim();
  const result = spawnSync(node, [join(root, 'test/run.mjs'), ...LANES], {
    ...options,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.stdout.write(result.stdout);
  const counts = LANES.map((lane) => {
    const found = new RegExp(`^${lane}: (\\d+ passed, \\d+ failed, \\d+ skipped)`, 'm').exec(result.stdout);
    return found?.[1] ?? 'did not run';
  });
  return { row: `| ${[version, ...counts].join(' | ')} |`, isGood: result.status === 0 };
}

const asked = process.argv.slice(2).map(Number);
const results = (asked.length > 0 ? asked : MAJORS).map((major) => {
  process.stdout.write(`> Node ${major}\n`);
  return runLanes(fetchNode(major));
});
const header = `| Node | ${LANES.join(' | ')} |\n|---|${'---|'.repeat(LANES.length)}`;
process.stdout.write(`\n${[header, ...results.map(({ row }) => row)].join('\n')}\n`);
process.exit(results.every(({ isGood }) => isGood) ? 0 : 1);
