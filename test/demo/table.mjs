import { median } from '../bench/statistics.mjs';

const COLUMNS = [
  { title: 'event', width: 20, of: ({ name }) => name },
  { title: 'direct', width: 10, right: true, of: ({ directMs }) => `${median(directMs).toFixed(1)} ms` },
  { title: 'supervised', width: 11, right: true, of: ({ supervisedMs }) => `${median(supervisedMs).toFixed(1)} ms` },
  { title: 'faster', width: 8, right: true, of: (row) => times(row.directMs, row.supervisedMs) },
  { title: 'identical', width: 10, right: true, of: ({ differences }) => (differences.length === 0 ? 'yes' : 'NO') },
  { title: '  path', width: 8, of: ({ paths }) => `  ${[...paths].join(', ')}` },
];

export function times(directMs, supervisedMs) {
  return `${(median(directMs) / median(supervisedMs)).toFixed(1)}x`;
}

export function header() {
  return line(COLUMNS.map(({ title }) => title));
}

export function rowOf(result) {
  return line(COLUMNS.map(({ of }) => of(result)));
}

function line(cells) {
  return COLUMNS.map(({ width, right }, i) => (right ? cells[i].padStart(width) : cells[i].padEnd(width)))
    .join('')
    .trimEnd();
}
