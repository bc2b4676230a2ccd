/** A recording for people: whether it is on, what it has, what it lacks. */
import type { RecordingEnd, RecordingStatus } from '../../contract/recording.js';
import type { Page } from '../screen.js';
import { wrap } from './table.js';
import { bytesText, durationText } from './units.js';

const END_TEXT: Record<RecordingEnd, string> = {
  asked: 'ended as asked',
  time: 'ended, its time was over',
  size: 'ended, it was full',
  failed: 'ended',
  stopping: 'ended with the daemon',
};

export function renderRecording(recording: RecordingStatus, { width }: Page): string {
  return `${wrap(recordingText(recording), width, '  ').join('\n')}\n`;
}

export function recordingText({ file, bytes, maxBytes, ...recording }: RecordingStatus): string {
  if (file === '') return 'off';
  const { written, dropped, unseen } = recording;
  const counts = [
    `${written} ${written === 1 ? 'call' : 'calls'}`,
    dropped > 0 ? `${dropped} dropped` : '',
    unseen > 0 ? `${unseen} not seen` : '',
    `${bytesText(bytes)} of at most ${bytesText(maxBytes)}`,
  ];
  return `${stateText(recording)}; ${counts.filter(Boolean).join(', ')} in ${file}`;
}

function stateText({ endsInMs, ended, reason }: Pick<RecordingStatus, 'endsInMs' | 'ended' | 'reason'>): string {
  if (ended === null) return `on, ${durationText(endsInMs ?? 0)} left`;
  return reason === '' ? END_TEXT[ended] : `${END_TEXT[ended]}: ${reason}`;
}
