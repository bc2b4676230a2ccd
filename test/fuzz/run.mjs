// `npm run fuzz`: for long what `npm test` does for seconds, with input that nobody has seen: the differential test of the shell
// subset (test/unit/router/shell-fuzz.test.ts), then the coverage-guided programs over what reads a peer's bytes
// (test/native/guided). `-- --texts N` for each shell, `-- --seconds N` for each program, `-- --seed N` to repeat what the shells had,
// `-- --only shells` or `native`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const TEXTS = 100_000;
const SECONDS = 60;
const SEEDS = 2 ** 31;
const root = fileURLToPath(new URL('../..', import.meta.url));

const asked = options();
const texts = asked.texts ?? String(TEXTS);
const seconds = asked.seconds ?? String(SECONDS);
const seed = asked.seed ?? String(Math.floor(Math.random() * SEEDS) + 1);
const parts = { shells, native };
const chosen = asked.only === undefined ? Object.keys(parts) : [asked.only];
const failed = chosen.filter((name) => !parts[name]());
process.exitCode = failed.length === 0 ? 0 : 1;

function shells() {
  process.stdout.write(`${texts} texts for each shell, seed ${seed}\n`);
  const startedAtMs = performance.now();
  const args = ['run', '--config', 'test/vitest.config.mjs', '--reporter=dot', '--disable-console-intercept=true'];
  const isOk = run('node_modules/.bin/vitest', [...args, 'test/unit/router/shell-fuzz.test.ts'], {
    SHELL_FUZZ_TEXTS: texts,
    SHELL_FUZZ_SEED: seed,
  });
  const tookSeconds = ((performance.now() - startedAtMs) / 1000).toFixed(0);
  const again = `npm run fuzz -- --only shells --texts ${texts} --seed ${seed}`;
  process.stdout.write(`fuzz: ${isOk ? 'passed' : 'FAILED'} in ${tookSeconds} s; to repeat: ${again}\n`);
  return isOk;
}

/** What repeats exactly is an input that failed: the program prints how. */
function native() {
  process.stdout.write(`${seconds} s for each program, seed ${seed}\n`);
  const args = ['--no-print-directory', '-s', '-C', 'native-shim', 'fuzz-native'];
  return run('make', args, { FUZZ_SECONDS: seconds, FUZZ_SEED: seed });
}

function run(command, args, env) {
  const result = spawnSync(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' });
  if (result.error) throw result.error;
  return result.status === 0;
}

function options() {
  try {
    const text = { type: 'string' };
    const { values } = parseArgs({ options: { texts: text, seconds: text, seed: text, only: text } });
    const { only, ...numbers } = values;
    if (only !== undefined && only !== 'shells' && only !== 'native')
      throw new Error(`--only ${only}: shells or native`);
    const wrong = Object.entries(numbers).find(([, value]) => !/^[1-9]\d{0,9}$/.test(value));
    if (wrong !== undefined) throw new Error(`--${wrong[0]} ${wrong[1]}: give a whole number from 1`);
    return values;
  } catch (error) {
    const usage = 'npm run fuzz [-- [--only shells|native] [--texts N] [--seconds N] [--seed N]]';
    process.stderr.write(`fuzz: ${error.message}\nusage: ${usage}\n`);
    process.exit(64);
  }
}
