const COLUMNS = [
  { title: 'hook', width: 25, of: ({ name }) => name },
  { title: 'direct ms', width: 24, of: ({ direct }) => spread(direct) },
  { title: 'supervised ms', width: 24, of: ({ supervised }) => spread(supervised) },
  { title: 'added', width: 8, right: true, of: ({ addedMs }) => addedMs.toFixed(2) },
  { title: 'faster', width: 8, right: true, of: ({ times }) => `${times.toFixed(1)}x` },
  {
    title: '  goal',
    width: 24,
    of: ({ goal }) => (goal === null ? '' : `  ${goal.text} ${goal.met ? 'met' : 'MISSED'}`),
  },
];

function spread({ median, p10, p90 }) {
  return `${median.toFixed(2)} [${p10.toFixed(2)} ${p90.toFixed(2)}]`;
}

export function tableHeader() {
  return line(COLUMNS.map(({ title }) => title));
}

export function tableRow(result) {
  return line(COLUMNS.map(({ of }) => of(result)));
}

function line(cells) {
  return COLUMNS.map(({ width, right }, i) => (right ? cells[i].padStart(width) : cells[i].padEnd(width)))
    .join('')
    .trimEnd();
}

export function machineText(facts) {
  return [
    `${facts.processor}${facts.virtualised ? ' (virtual)' : ''}, ${facts.processorsUsable} processors, ${facts.memoryGiB} GiB`,
    `Linux ${facts.kernel}, Node ${facts.node}, ${facts.python}`,
    `load average at the start: ${facts.loadAverage.toFixed(2)}`,
  ].join('\n');
}

export function memoryText(rows) {
  return rows
    .map(({ what, count, megabytes }) => {
      const size = megabytes === undefined ? 'not readable without root' : `${megabytes.toFixed(1)} MB`;
      return `${what.padEnd(25)}${String(count).padStart(3)} of ${size}`;
    })
    .join('\n');
}
