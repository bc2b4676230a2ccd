/** Text in columns, for terminals of any width. */
import { stripVTControlCharacters } from 'node:util';
import { printable, printableColoured } from './printable.js';
import type { Paint } from './styles.js';

export interface Column<Row> {
  title: string;
  text(row: Row): string;
  align?: 'left' | 'right';
  /** Columns of the highest number are dropped first where the terminal is narrow; 0 is never dropped. */
  dropOrder?: number;
  /** The column may be cut down to so many characters where dropping others is not enough. */
  narrowestColumns?: number;
}

const GAP = '  ';

/** Lines without a newline. Lines are cut where even the columns that must stay do not fit. */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number,
  paint: Paint,
): string[] {
  let kept = columns.map((column) => ({ ...column, text: (row: Row) => printableColoured(column.text(row)) }));
  let widths = measure(rows, kept);
  while (total(widths) > width) {
    const droppable = Math.max(...kept.map((column) => column.dropOrder ?? 0));
    if (droppable === 0) break;
    kept = kept.filter((column) => column.dropOrder !== droppable);
    widths = measure(rows, kept);
  }
  widths = squeeze(widths, kept, width);
  const header = paint(
    'dim',
    layOut(
      kept.map((column) => column.title),
      kept,
      widths,
      width,
    ),
  );
  const lines = rows.map((row) =>
    layOut(
      kept.map((column) => column.text(row)),
      kept,
      widths,
      width,
    ),
  );
  return [header, ...lines];
}

function measure<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): number[] {
  return columns.map((column) => Math.max(column.title.length, ...rows.map((row) => visible(column.text(row)))));
}

function squeeze<Row>(widths: readonly number[], columns: readonly Column<Row>[], width: number): number[] {
  let excess = Math.max(0, total(widths) - width);
  return columns.map(({ narrowestColumns = Number.POSITIVE_INFINITY }, index) => {
    const full = widths[index] ?? 0;
    const squeezed = Math.max(Math.min(full, narrowestColumns), full - excess);
    excess -= full - squeezed;
    return squeezed;
  });
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(0, widths.length - 1);
}

function visible(text: string): number {
  return stripVTControlCharacters(text).length;
}

function layOut<Row>(cells: string[], columns: readonly Column<Row>[], widths: number[], width: number): string {
  const padded = cells.map((whole, index) => {
    const columnWidth = widths[index] ?? 0;
    const cell = cut(whole, columnWidth);
    const blanks = ' '.repeat(Math.max(0, columnWidth - visible(cell)));
    if (columns[index]?.align === 'right') return blanks + cell;
    return index === cells.length - 1 ? cell : cell + blanks;
  });
  return cut(padded.join(GAP), width);
}

function cut(line: string, width: number): string {
  if (visible(line) <= width) return line;
  return `${stripVTControlCharacters(line).slice(0, Math.max(1, width - 1))}…`;
}

/** Breaks at blanks; continued lines are indented by `indent`, the first one by `firstIndent`. */
export function wrap(text: string, width: number, indent: string, firstIndent = ''): string[] {
  return fill(printable(text).split(' '), ' ', width, indent, firstIndent);
}

/** Parts with `gap` between them, broken between parts only. */
export function fill(parts: readonly string[], gap: string, width: number, indent: string, firstIndent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    const start = lines.length === 0 ? firstIndent : indent;
    const longer = line === '' ? `${start}${part}` : `${line}${gap}${part}`;
    if (line === '' || visible(longer) <= width) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = `${indent}${part}`;
  }
  return [...lines, line];
}
