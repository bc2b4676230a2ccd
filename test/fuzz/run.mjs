// `npm run fuzz`: the differential test of the shell subset (test/unit/router/shell-fuzz.test.ts) for long, with texts that
// nobody has seen. `-- --texts N` for each shell, `-- --seed N` to repeat a run.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const TEXTS = 100_000;
const SEEDS = 2 ** 31;
const root = fileURLToPath(new URL('../..', import.meta.url));

const asked = options();
const texts = asked.texts ?? String(TEXTS);
const seed = asked.seed ?? String(Math.floor(Math.random() * SEEDS));
const again = `npm run fuzz -- --texts ${texts} --seed ${seed}`;
process.stdout.write(`${texts} texts for each shell, seed ${seed}\n`);
const startedAtMs = performance.now();
const args = ['run', '--config', 'test/vitest.config.mjs', '--reporter=dot', '--disable-console-intercept=true'];
const vitest = spawnSync('node_modules/.bin/vitest', [...args, 'test/unit/router/shell-fuzz.test.ts'], {
  cwd: root,
  env: { ...process.env, SHELL_FUZZ_TEXTS: texts, SHELL_FUZZ_SEED: seed },
  stdio: 'inherit',
});
if (vitest.error) throw vitest.error;
const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0);
process.stdout.write(`fuzz: ${vitest.status === 0 ? 'passed' : 'FAILED'} in ${seconds} s; to repeat: ${again}\n`);
process.exitCode = vitest.status === 0 ? 0 : 1;

function options() {
  try {
    const { values } = parseArgs({ options: { texts: { type: 'string' }, seed: { type: 'string' } } });
    const wrong = Object.entries(values).find(([, value]) => !/^[1-9]\d{0,9}$/.test(value));
    if (wrong !== undefined) throw new Error(`--${wrong[0]} ${wrong[1]}: give a whole number from 1`);
    return values;
  } catch (error) {
    process.stderr.write(`fuzz: ${error.message}\nusage: npm run fuzz [-- [--texts N] [--seed N]]\n`);
    process.exit(64);
  }
}
