/** `supervisor why POOL` for people. */
import type { PoolDetail } from '../../contract/pool-detail.js';
import { shownName } from '../../contract/pool-place.js';
import type { Reasons } from '../reasons.js';
import type { Page } from '../screen.js';
import { painter } from './styles.js';
import { wrap } from './table.js';

const TITLE_COLUMNS = 11;

export function renderReasons({ pool }: PoolDetail, reasons: Reasons, { width, isColoured }: Page): string {
  const paint = painter(isColoured);
  const serves = pool.describes === '' ? 'any command' : pool.describes;
  const part = (title: string, text: string) =>
    text === '' ? [] : wrap(text, width, ' '.repeat(TITLE_COLUMNS), title.padEnd(TITLE_COLUMNS));
  const [first = '', ...others] = reasons.causes;
  const causes = [...part('because', first), ...others.flatMap((cause) => part('', cause))];
  const lines = [
    paint('bold', shownName(pool.id, pool)),
    ...part('serves', serves),
    ...part('is', reasons.verdict),
    ...causes,
    ...part('next', reasons.next),
    ...part('meanwhile', reasons.meanwhile),
    ...part('remedy', reasons.remedy),
  ];
  return `${lines.join('\n')}\n`;
}
