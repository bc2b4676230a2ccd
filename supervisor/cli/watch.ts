/** `supervisor status --watch`: the state again and again, also while the daemon stops and starts. */
import { ExitCode } from '../contract/status.js';
import { type Context, tellProblem } from './context.js';
import { type DaemonState, daemonState } from './daemon-state.js';
import { frame } from './render/frame.js';
import { renderStatus } from './render/status.js';
import { wrap } from './render/table.js';
import { loadSettings } from './settings.js';
import { STOPPED, stuckProblem } from './status.js';

export async function watchStatus(context: Context, intervalMs: number, isJson: boolean): Promise<number> {
  const settings = await loadSettings(context, {});
  if (!settings.ok) return settings.exitCode;
  const { runtimeFolder } = settings.config;
  const show = isJson ? showDocument : pictures();
  for await (const _ of context.ticks(intervalMs)) {
    const state = await daemonState(runtimeFolder, context.uid);
    // Somebody else's folder does not become ours by waiting.
    if (state.kind === 'refused') {
      tellProblem(context, state.problem);
      return ExitCode.NO_PERMISSION;
    }
    show(context, state, runtimeFolder);
  }
  return ExitCode.OK;
}

type Shown = Exclude<DaemonState, { kind: 'refused' }>;

/** Frames in one place of a terminal; elsewhere one below the other, with an empty line between them. */
function pictures(): (context: Context, state: Shown, runtimeFolder: string) => void {
  let isFirst = true;
  return ({ out, screen }, state, runtimeFolder) => {
    const text = picture(state, runtimeFolder, screen);
    if (screen.isTerminal) out(frame(text, screen));
    else out(isFirst ? text : `\n${text}`);
    isFirst = false;
  };
}

function picture(state: Shown, runtimeFolder: string, screen: Context['screen']): string {
  if (state.kind === 'running') return renderStatus(state.status, screen);
  if (state.kind === 'stopped') return 'not running\n';
  return `${wrap(stuckProblem(runtimeFolder, state.pid, state.reason).what, screen.width, '  ').join('\n')}\n`;
}

/** One JSON document in a line. There is none for a daemon that does not answer: both others would be untrue. */
function showDocument(context: Context, state: Shown, runtimeFolder: string): void {
  if (state.kind === 'stuck') tellProblem(context, stuckProblem(runtimeFolder, state.pid, state.reason));
  else context.out(`${JSON.stringify(state.kind === 'running' ? state.status : STOPPED)}\n`);
}
