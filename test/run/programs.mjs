// Runs one test program of each kind and counts: every function answers {passed, failed, skipped: [{name, reason}]}.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM_TIMEOUT_S = 900;
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

function captured(command, args, root, env = process.env) {
  // timeout(1) ends the whole process group: a test that spins must not outlive the run.
  const limited = ['--kill-after=5', String(PROGRAM_TIMEOUT_S), command, ...args];
  const result = spawnSync('timeout', limited, { cwd: root, env, encoding: 'utf8', maxBuffer: OUTPUT_MAX_BYTES });
  const text = `${result.stdout ?? ''}${result.stderr ?? ''}`;
  return { ok: result.status === 0, text: result.error ? `${text}\n${result.error.message}\n` : text };
}

/** A program that failed before it could count anything still counts as one failure, with all it said. */
function judged(run, counts) {
  const failed = counts.failed === 0 && !run.ok ? 1 : counts.failed;
  if (failed > 0) process.stdout.write(run.text);
  return { ...counts, failed };
}

export function runVitest(root, target) {
  const folder = mkdtempSync(join(tmpdir(), 'hs-vitest-'));
  const report = join(folder, 'report.json');
  try {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const args = [vitest, 'run', '--config', 'test/vitest.config.mjs', ...reporters, target];
    const run = captured(process.execPath, args, root, { ...process.env, NO_COLOR: '1' });
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

export function runNodeTest(root, file) {
  const run = captured(process.execPath, ['--test', '--test-reporter=tap', file], root);
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(run.text)?.[1] ?? 0);
  const skipped = [...run.text.matchAll(/^\s*ok \d+ - (.*?) # SKIP ?(.*)$/gm)].map(([, name, reason]) => ({
    name,
    reason,
  }));
  return judged(run, { passed: count('pass'), failed: count('fail') + count('cancelled'), skipped });
}

export function runPythonTest(root, file) {
  const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'; // a version manager's shim is slow
  const run = captured(python, ['-B', file, '-v'], root);
  const skipped = [...run.text.matchAll(/^(\S+) .*\.\.\. skipped ['"](.*)['"]$/gm)].map(([, name, reason]) => ({
    name,
    reason,
  }));
  const total = Number(/^Ran (\d+) tests? in/m.exec(run.text)?.[1] ?? 0);
  const problems = [...run.text.matchAll(/(?:failures|errors)=(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
  return judged(run, { passed: Math.max(0, total - problems - skipped.length), failed: problems, skipped });
}

/** Each C program ends with `NAME: N passed, N failed`. */
export function runNativeTests(root) {
  const run = captured('make', ['--no-print-directory', '-s', '-C', 'native-shim', 'test-native'], root);
  const programs = [...run.text.matchAll(/^\S+: (\d+) passed, (\d+) failed$/gm)];
  const sum = (group) => programs.reduce((total, match) => total + Number(match[group]), 0);
  return judged(run, { passed: sum(1), failed: sum(2), skipped: [] });
}
