/** `supervisor replay`: sends the calls of a recording again and compares the answers. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Level } from '../contract/call.js';
import { ExitCode } from '../contract/status.js';
import { readRecording } from '../recording/read.js';
import { Daemon } from './ask-daemon.js';
import { type Confirm, confirmAtTerminal } from './confirm.js';
import { type Context, tellProblem } from './context.js';
import { progressBar } from './progress.js';
import { renderReplay } from './render/replay.js';
import { type ReplayReport, reportOf } from './replay/report.js';
import { type NumberedCall, type Result, sendAll } from './replay/send.js';
import { namesMissing, whyNotSent } from './replay/sendable.js';
import type { Against } from './words.js';

export interface ReplayOptions {
  against: Against;
  level?: Level;
  jobs: number;
  yes?: boolean;
  json?: boolean;
}

/** Of the answers: there are some that are not as they were. */
const DIFFERS = 1;

export async function replay(
  context: Context,
  file: string,
  options: ReplayOptions,
  confirm: Confirm = confirmAtTerminal,
): Promise<number> {
  const usage = (what: string, remedy: string) => {
    tellProblem(context, { where: file, what, remedy });
    return ExitCode.USAGE;
  };
  if (options.level !== undefined && options.against === 'direct')
    return usage('a direct run has no level', 'leave one of the two options out');
  const recording = readRecording(file);
  if (!recording.ok) return usage(recording.what, recording.remedy);
  const { calls, damagedLines } = recording;
  if (damagedLines > 0) context.err(`supervisor: ${damagedLines} lines of it are no calls and are left out\n`);
  const judged = calls.map((call, index) => ({ number: index + 1, call, why: whyNotSent(call, isFolder) }));
  const sendable = judged.filter(({ why }) => why === undefined);
  const whysLeft = judged.flatMap(({ why }) => why ?? []);
  if (sendable.length === 0)
    return usage(`it has no call that can be sent again${whysLeft.map((why) => `: ${why}`)[0] ?? ''}`, '');
  const code = await whyNotNow(context, options);
  if (code !== undefined) return code;
  const missing = namesMissing(
    sendable.map(({ call }) => call),
    context.env,
  );
  if (missing.length > 0) {
    context.err(`supervisor: values of variables were not kept, and these are not set: ${missing.join(', ')}\n`);
  }
  const question = `Run ${sendable.length} ${sendable.length === 1 ? 'hook' : 'hooks'} again, really and with all their effects?`;
  const answer = options.yes === true ? true : await confirm(question);
  if (answer === undefined)
    return usage('its hooks would really run, with all their effects', 'add --yes if that is wanted');
  if (!answer) {
    context.err('supervisor: nothing was sent\n');
    return ExitCode.OK;
  }
  const interrupt = context.stopSignal();
  const results = await send(context, sendable, options, interrupt);
  const about = { file, against: options.against, calls: calls.length, isInterrupted: interrupt.aborted };
  return show(context, reportOf(about, whysLeft, results), options);
}

async function send(
  context: Context,
  calls: readonly NumberedCall[],
  { against, level, jobs }: ReplayOptions,
  interrupt: AbortSignal,
): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hook-supervisor-'));
  const isDrawn = context.errIsTerminal && context.env.TERM !== 'dumb';
  const bar = progressBar(calls.length, isDrawn ? context.err : undefined);
  const progress = (done: number, different: number) => bar.show(done, different === 0 ? '' : `${different} differ`);
  progress(0, 0);
  try {
    const { env, files } = context;
    return await sendAll(calls, { against, level, jobs, client: files.hook, env, folder, interrupt, progress });
  } finally {
    bar.clear();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Without a daemon the client would run them directly, and it would look as if nothing differed. */
async function whyNotNow(context: Context, { against }: ReplayOptions): Promise<number | undefined> {
  if (against === 'direct') return undefined;
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  const status = await daemon.value.status();
  if (!status.ok) return status.exitCode;
  if (status.value.recording.isOn) context.err('supervisor: a recording is on, and will have these calls too\n');
  return undefined;
}

function show({ out, screen }: Context, report: ReplayReport, { json }: ReplayOptions): number {
  out(json ? `${JSON.stringify(report, null, 2)}\n` : renderReplay(report, screen));
  return report.different.length === 0 && !report.isInterrupted ? ExitCode.OK : DIFFERS;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
