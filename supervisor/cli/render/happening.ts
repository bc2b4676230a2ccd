/** One happening for people: when, what, where, and what the decision was made of. */
import { HAPPENING_KINDS, type ToldHappening } from '../../contract/happening.js';
import type { Page } from '../screen.js';
import { painter } from './styles.js';
import { wrap } from './table.js';
import { clockText } from './units.js';

const INDENT = '         ';

export function renderHappening(happening: ToldHappening, page: Page): string[] {
  const { kind, atMs } = happening;
  const text = `${clockText(atMs)} ${kind} ${happeningText(happening)}`;
  const [first = '', ...rest] = wrap(text, page.width, INDENT);
  // A daemon of a newer version may tell of kinds that we do not know.
  if (HAPPENING_KINDS[kind]?.severity !== 'warn') return [first, ...rest];
  return [first.replace(kind, painter(page.isColoured)('yellow', kind)), ...rest];
}

export function happeningText({ pool, about, inputs = {} }: Pick<ToldHappening, 'pool' | 'about' | 'inputs'>): string {
  const values = Object.entries(inputs).map(([name, value]) => `${name} ${value}`);
  return [pool === undefined ? about : `${pool}: ${about}`, values.length > 0 ? `(${values.join(', ')})` : '']
    .filter(Boolean)
    .join(' ');
}
