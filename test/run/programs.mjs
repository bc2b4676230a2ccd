// Runs one test program of each kind and counts: every function answers {passed, failed, skipped: [{name, reason}]}.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM_TIMEOUT_MS = 1_500_000;
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

/** Runs a program in a process group of its own, which ends with it, with its deadline or with us: a test that spins must
 *  not outlive the run. */
function captured(command, args, root, env = process.env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    let lengthBytes = 0;
    let problem = '';
    const killGroup = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // all of it has ended
      }
    };
    const stopWithUs = () => {
      killGroup();
      process.exit(130);
    };
    const fail = (text) => {
      problem = text;
      killGroup();
    };
    const timer = setTimeout(() => fail(`\nkilled after ${PROGRAM_TIMEOUT_MS / 1000} s\n`), PROGRAM_TIMEOUT_MS);
    const take = (chunk) => {
      lengthBytes += chunk.length;
      if (lengthBytes <= OUTPUT_MAX_BYTES) chunks.push(chunk);
      else if (problem === '') fail(`\nkilled: more than ${OUTPUT_MAX_BYTES} bytes of output\n`);
    };
    const finish = (isOk) => {
      clearTimeout(timer);
      killGroup();
      process.off('SIGINT', stopWithUs).off('SIGTERM', stopWithUs);
      resolve({ ok: isOk, text: Buffer.concat(chunks).toString() + problem });
    };
    process.on('SIGINT', stopWithUs).on('SIGTERM', stopWithUs);
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => {
      problem = `${command}: ${error.message}\n`;
      finish(false);
    });
    // Not 'close': a process that a test left behind would hold the pipes open for ever.
    child.on('exit', (code) => setTimeout(finish, 50, code === 0 && problem === ''));
  });
}

/** A program that failed before it could count anything still counts as one failure, with all it said; so does one that
 *  counted nothing: Node reports a death by a real-time signal as exit code 0. */
function judged(run, counts) {
  const isEmpty = counts.passed + counts.failed + counts.skipped.length === 0;
  const failed = counts.failed === 0 && (!run.ok || isEmpty) ? 1 : counts.failed;
  if (failed > 0) process.stdout.write(run.text);
  return { ...counts, failed };
}

/** @param stage what the tests of a lane need around them: words before the program, and additions to its environment. */
export async function runVitest(root, target, stage = { through: [], env: {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'hs-vitest-'));
  const report = join(folder, 'report.json');
  try {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const args = [vitest, 'run', '--config', 'test/vitest.config.mjs', ...reporters, target];
    // Two guests at once take each other's processors, and then what they start is not ready in time.
    if (target === 'test/vm/') args.push('--no-file-parallelism');
    const [program, ...words] = [...stage.through, process.execPath, ...args];
    const run = await captured(program, words, root, { ...process.env, NO_COLOR: '1', ...stage.env });
    if (!existsSync(report)) return judged(run, { passed: 0, failed: 0, skipped: [] });
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
    const cases = testResults.flatMap((file) => file.assertionResults);
    const skipped = cases
      .filter(({ status }) => status === 'skipped' || status === 'pending' || status === 'todo')
      .map(({ fullName, meta }) => ({ name: fullName, reason: meta?.skipReason ?? '' }));
    return judged(run, { passed: numPassedTests, failed: numFailedTests, skipped });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function runNodeTest(root, file) {
  const run = await captured(process.execPath, ['--test', '--test-reporter=tap', file], root);
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(run.text)?.[1] ?? 0);
  const skipped = [...run.text.matchAll(/^\s*ok \d+ - (.*?) # SKIP ?(.*)$/gm)].map(([, name, reason]) => ({
    name,
    reason,
  }));
  return judged(run, { passed: count('pass'), failed: count('fail') + count('cancelled'), skipped });
}

export async function runPythonTest(root, file) {
  const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'; // a version manager's shim is slow
  const run = await captured(python, ['-B', file, '-v'], root);
  const skipped = [...run.text.matchAll(/^(\S+) .*\.\.\. skipped ['"](.*)['"]$/gm)].map(([, name, reason]) => ({
    name,
    reason,
  }));
  const total = Number(/^Ran (\d+) tests? in/m.exec(run.text)?.[1] ?? 0);
  const problems = [...run.text.matchAll(/(?:failures|errors)=(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
  return judged(run, { passed: Math.max(0, total - problems - skipped.length), failed: problems, skipped });
}

/** Each C program ends with `NAME: N passed, N failed`; a test it cannot run here says `SKIPPED NAME: REASON`. */
export async function runNativeTests(root) {
  const run = await captured('make', ['--no-print-directory', '-s', '-C', 'native-shim', 'test-native'], root);
  const programs = [...run.text.matchAll(/^\S+: (\d+) passed, (\d+) failed$/gm)];
  const sum = (group) => programs.reduce((total, match) => total + Number(match[group]), 0);
  const skipped = [...run.text.matchAll(/^SKIPPED (\w+): (.*)$/gm)].map(([, name, reason]) => ({ name, reason }));
  return judged(run, { passed: sum(1), failed: sum(2), skipped });
}
