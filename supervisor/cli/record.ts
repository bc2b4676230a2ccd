/** `supervisor record`: has the daemon keep what hooks are asked and answer, for `supervisor replay`. */
import type { RecordingStatus } from '../contract/recording.js';
import { ExitCode } from '../contract/status.js';
import { Daemon } from './ask-daemon.js';
import { type Context, tellProblem } from './context.js';
import { renderRecording } from './render/recording.js';
import type { RecordAction } from './words.js';

export interface RecordOptions {
  /** Milliseconds, once parsed. */
  for?: number;
  maxBytes?: number;
  json?: boolean;
}

export async function record(context: Context, action: RecordAction, options: RecordOptions): Promise<number> {
  if (action !== 'on' && (options.for ?? options.maxBytes) !== undefined) {
    tellProblem(context, { where: `record ${action}`, what: 'it takes no bounds', remedy: 'they are for: record on' });
    return ExitCode.USAGE;
  }
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  if (action === 'status') {
    const status = await daemon.value.status();
    if (!status.ok) return status.exitCode;
    show(context, status.value.recording, options);
    return ExitCode.OK;
  }
  const words = { on: action === 'on', forMs: options.for, maxBytes: options.maxBytes };
  const asked = await daemon.value.ask('record', words);
  if (!asked.ok) return asked.exitCode;
  if (asked.value.recording !== undefined) show(context, asked.value.recording, options);
  if (action === 'on') {
    context.err(
      '  It holds what hooks are given and what they answer; secrets are masked as far as they are recognised.\n',
    );
  }
  return ExitCode.OK;
}

function show({ out, screen }: Context, recording: RecordingStatus, { json }: RecordOptions): void {
  const document = { schema: 'supervisor.record/v1', ...recording };
  out(json ? `${JSON.stringify(document, null, 2)}\n` : renderRecording(recording, screen));
}
