const COLUMNS = [
  { title: 'hook', width: 28, of: ({ name }) => name },
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

/** @param compared names of the two ways, where they are not a direct and a supervised run. */
export function tableHeader(compared) {
  return line(
    COLUMNS.map(({ title }, i) => (i > 0 && compared?.[i - 1] !== undefined ? `${compared[i - 1]} ms` : title)),
  );
}

/** One line, and one for each thing to be added to it. */
export function tableRow(result) {
  const { byPath, note } = result;
  return [
    line(COLUMNS.map(({ of }) => of(result))),
    ...(byPath === null
      ? []
      : [`  ${byPath.name}: ${spread(byPath)} ms, so this is ${byPath.times.toFixed(2)} times that`]),
    ...(note === null ? [] : [`  ${note}`]),
  ].join('\n');
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
    .map(({ what, count, megabytes, goal, isSum }) => {
      if (megabytes === undefined)
        return `${what.padEnd(25)}${String(count).padStart(3)} of unknown size: only root may look`;
      const size = `${megabytes.toFixed(1)} MB`;
      const judged = goal === undefined ? '' : `<= ${goal.maxMegabytes} MB ${goal.met ? 'met' : 'MISSED'}`;
      return `${what.padEnd(25)}${String(count).padStart(3)} ${isSum ? 'in' : 'of'} ${size.padEnd(10)}${judged}`.trimEnd();
    })
    .join('\n');
}
