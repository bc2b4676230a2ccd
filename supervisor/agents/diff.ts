/** A unified diff of two texts with the same number of lines, as all our edits leave them: wrapping and taking back never
 *  add or remove a line. */
const CONTEXT_LINES = 3;
/** A file of one long line must not fill the terminal. */
const LINE_SHOWN_MAX_CHARACTERS = 2_000;

/** @param before, after latin1. */
export function unifiedDiff(path: string, before: string, after: string): string {
  const [old, now] = [before, after].map((text) => text.split('\n').map(shown)) as [string[], string[]];
  const changed = old.flatMap((line, at) => (line === now[at] ? [] : [at]));
  const hunks = hunksOf(changed, old.length).map(([start, end]) => {
    const lines = blocks(start, end, new Set(changed)).flatMap(([from, to, isChanged]) =>
      isChanged
        ? [...old.slice(from, to).map((line) => `-${line}`), ...now.slice(from, to).map((line) => `+${line}`)]
        : old.slice(from, to).map((line) => ` ${line}`),
    );
    const range = `${start + 1},${end - start}`;
    return [`@@ -${range} +${range} @@`, ...lines].join('\n');
  });
  return hunks.length === 0 ? '' : `${[`--- ${path}`, `+++ ${path}`, ...hunks].join('\n')}\n`;
}

/** Ranges of lines, those that would touch joined. */
function hunksOf(changed: readonly number[], lineCount: number): [start: number, end: number][] {
  const hunks: [number, number][] = [];
  for (const at of changed) {
    const [start, end] = [Math.max(0, at - CONTEXT_LINES), Math.min(lineCount, at + CONTEXT_LINES + 1)];
    const last = hunks.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = end;
    else hunks.push([start, end]);
  }
  return hunks;
}

/** Runs of lines that are all changed or all the same. */
function blocks(start: number, end: number, changed: ReadonlySet<number>): [from: number, to: number, boolean][] {
  const found: [number, number, boolean][] = [];
  for (let at = start; at < end; at++) {
    const last = found.at(-1);
    if (last !== undefined && last[2] === changed.has(at)) last[1] = at + 1;
    else found.push([at, at + 1, changed.has(at)]);
  }
  return found;
}

function shown(line: string): string {
  // A file that comes with a repository must not steer the terminal.
  const text = Buffer.from(line, 'latin1')
    .toString('utf8')
    .replace(/\r$/, '')
    .replace(/(?!\t)\p{Cc}/gu, ' ');
  return text.length <= LINE_SHOWN_MAX_CHARACTERS ? text : `${text.slice(0, LINE_SHOWN_MAX_CHARACTERS - 1)}…`;
}
