/** A hook at each level for people: a table, then its words, then what it was denied. */

import type { Page } from '../screen.js';
import type { LevelTrial, Ran } from '../trial/try-level.js';
import { type Paint, painter } from './styles.js';
import { table, wrap } from './table.js';
import { bytesText, millisecondsText } from './units.js';

const WORDS_MAX_LINES = 10;

export function renderTrials(trials: readonly LevelTrial[], page: Page): string {
  const paint = painter(page.isColoured);
  const ran = trials.filter((trial) => trial.ran);
  const lines = [
    ...(ran.length === 0 ? [] : [...resultTable(ran, page.width, paint), '']),
    ...trials.flatMap((trial) => (trial.ran ? [] : refusal(trial, page.width, paint))),
    ...ran.flatMap((trial, index) => detail(trial, ran[0] ?? trial, index === 0, page.width, paint)),
  ];
  return `${lines.join('\n')}\n`;
}

function resultTable(ran: readonly Ran[], width: number, paint: Paint): string[] {
  const memory = ({ usage }: Ran) => (usage?.memoryPeakBytes ? bytesText(usage.memoryPeakBytes) : 'unknown');
  return table(
    ran,
    [
      { title: 'LEVEL', text: ({ asked, level }) => (asked === level ? level : `${asked} -> ${level}`) },
      { title: 'ANSWER', text: endText },
      { title: 'TIME', text: ({ milliseconds }) => millisecondsText(milliseconds), align: 'right' },
      { title: 'CPU', text: ({ usage }) => millisecondsText(usage?.cpuMs ?? 0), align: 'right', dropOrder: 2 },
      { title: 'PEAK', text: memory, align: 'right' },
      { title: 'DENIED', text: ({ denied }) => String(denied.length), align: 'right' },
      { title: 'PATH', text: ({ path }) => path, dropOrder: 3 },
      { title: 'ENFORCED', text: ({ enforced }) => enforced.join(' '), dropOrder: 4 },
    ],
    width,
    paint,
  );
}

function endText({ outcome, exitCode, signal }: Ran): string {
  if (outcome !== 'answered') return outcome;
  return signal === 0 ? `exit ${exitCode}` : `signal ${signal}`;
}

function refusal({ asked, why }: Extract<LevelTrial, { ran: false }>, width: number, paint: Paint): string[] {
  const [first = '', ...rest] = wrap(`${asked} cannot be had: ${why}`, width, '  ');
  return [first.replace(asked, paint('yellow', asked)), ...rest];
}

/** Its words once; at the other levels only that they differ, and all that is denied. */
function detail(trial: Ran, first: Ran, isFirst: boolean, width: number, paint: Paint): string[] {
  const isSame = (['stdout', 'stderr', 'exitCode', 'signal'] as const).every((key) => trial[key] === first[key]);
  const words =
    isFirst || !isSame ? [...said('stdout', trial.stdout, width), ...said('stderr', trial.stderr, width)] : [];
  const denied = trial.denied.flatMap((line) => wrap(`denied: ${line}`, width, '    ', '  '));
  const verdict = isFirst
    ? ''
    : isSame
      ? `: answers as at ${first.asked}`
      : `: answers otherwise than at ${first.asked}`;
  return [`${paint('bold', trial.asked)}${verdict}`, ...words, ...denied];
}

function said(stream: string, text: string, width: number): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const shown = lines.slice(0, WORDS_MAX_LINES).flatMap((line) => wrap(`${stream}: ${line}`, width, '    ', '  '));
  const left = lines.length - WORDS_MAX_LINES;
  return left > 0 ? [...shown, `  ${stream}: ${left} lines more; --json has them`] : shown;
}
