/** Help for terminals of any width. */
import { type Command, Help } from 'commander';
import type { Screen } from '../screen.js';
import { wrap } from './table.js';

/** Wider lines are harder to read, also where there is room. */
const WIDEST_COLUMNS = 80;
/** What commander writes before it is as wide. */
const USAGE_INDENT = ' '.repeat('Usage: '.length);
/** A description beside its term would be a ribbon of single words below this. */
const NARROWEST_DESCRIPTION_COLUMNS = 32;

export function helpLayout(
  screen: Screen,
): Pick<Partial<Help>, 'helpWidth' | 'formatItem' | 'boxWrap' | 'commandUsage'> {
  const width = Math.min(screen.width, WIDEST_COLUMNS);
  return {
    helpWidth: width,
    commandUsage: (command: Command) =>
      wrap(new Help().commandUsage(command), width, USAGE_INDENT, USAGE_INDENT).join('\n').trimStart(),
    boxWrap: (text, boxWidth) =>
      text
        .split('\n')
        .flatMap((line) => wrap(line, boxWidth, ''))
        .join('\n'),
    formatItem: (term, termColumns, description) => {
      const indent = termColumns + 4;
      const isBeside = width - indent >= NARROWEST_DESCRIPTION_COLUMNS;
      if (!isBeside) return [`  ${term}`, ...wrap(description, width, '      ', '      ')].join('\n');
      return wrap(description, width, ' '.repeat(indent), `  ${term.padEnd(indent - 2)}`).join('\n');
    },
  };
}
