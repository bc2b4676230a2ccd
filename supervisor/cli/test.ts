/** `supervisor test`: one hook at each level, with its answer, what it used and what it was denied. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LEVELS, type Level } from '../contract/call.js';
import { LIMITS } from '../contract/limits.js';
import { ExitCode } from '../contract/status.js';
import { Daemon } from './ask-daemon.js';
import { type Context, tellProblem } from './context.js';
import { renderTrials } from './render/trials.js';
import { hookMeant } from './trial/hook-meant.js';
import { type LevelTrial, type Ran, type TriedHook, tryLevel } from './trial/try-level.js';

export interface TestOptions {
  level?: Level;
  json?: boolean;
}

const STDIN = 0;

export async function test(context: Context, word: string, eventFile: string, options: TestOptions): Promise<number> {
  const stdin = eventIn(context, eventFile);
  if (stdin === undefined) return ExitCode.USAGE;
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  const meant = hookMeant(word, daemon.value.config);
  if (!meant.ok) {
    tellProblem(context, meant.problem);
    return ExitCode.USAGE;
  }
  const status = await daemon.value.status();
  if (!status.ok) return status.exitCode;
  const folder = mkdtempSync(join(tmpdir(), 'hook-supervisor-'));
  const { env, files } = context;
  const cwd = context.cwd() ?? '/';
  const interrupt = context.stopSignal();
  const hook = { ...meant, stdin, cwd, env, client: files.hook, folder, interrupt };
  try {
    const trials = await tryLevels(options.level === undefined ? LEVELS : [options.level], hook);
    const report = { schema: 'supervisor.test/v1', command: meant.argv, levels: trials };
    context.out(options.json ? `${JSON.stringify(report, null, 2)}\n` : renderTrials(trials, context.screen));
    return trials.some(({ ran }) => ran) ? ExitCode.OK : ExitCode.UNAVAILABLE;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The loosest first: what it says there is the measure for the others. */
async function tryLevels(levels: readonly Level[], hook: TriedHook): Promise<LevelTrial[]> {
  const trials: LevelTrial[] = [];
  let unconfined: Ran | undefined;
  for (const level of levels) {
    if (hook.interrupt.aborted) break;
    const trial = await tryLevel(level, hook, unconfined);
    if (trial.ran && trial.level === 'contained') unconfined = trial;
    trials.push(trial);
  }
  return trials;
}

function eventIn(context: Context, file: string): Buffer | undefined {
  const tell = (what: string, remedy: string) => tellProblem(context, { where: file, what, remedy });
  try {
    const bytes = readFileSync(file === '-' ? STDIN : file);
    if (bytes.length > LIMITS.recordingStdinMaxBytes) {
      tell(`has more than ${LIMITS.recordingStdinMaxBytes} bytes`, 'give one event');
      return undefined;
    }
    if (!isJson(bytes)) context.err('supervisor: the event is no JSON; the hook gets it as it is\n');
    return bytes;
  } catch (error) {
    tell(`cannot be read (${(error as NodeJS.ErrnoException).code})`, 'give the file of an event, or - for stdin');
    return undefined;
  }
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}
