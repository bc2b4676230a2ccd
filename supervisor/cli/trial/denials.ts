/** What a hook was denied at a level, as far as it can be told: the kernel says so to the hook alone, so the hook's own words
 *  count, and the figures of its task. Pure. */
import type { TaskUsage } from '../../contract/outcome.js';

const WORDS =
  /permission denied|not permitted|read-only file system|no such file|network is unreachable|name resolution|could not resolve|connection refused|not supported by protocol|bad system call|\bE(?:ACCES|PERM|ROFS|NOENT|NETUNREACH|AFNOSUPPORT|AI_AGAIN)\b/i;
const LINES_MAX = 10;
const LINE_MAX_CHARACTERS = 200;

/** @param told by the hook at this level. @param toldUnconfined by the same hook at `contained`: what it says there, too, is no
 *  denial; '' where that is not known. */
export function denials(told: string, toldUnconfined: string, usage: TaskUsage | null): string[] {
  const usual = new Set(toldUnconfined.split('\n'));
  const lines = told.split('\n').filter((line) => WORDS.test(line) && !usual.has(line));
  const said = [...new Set(lines)].slice(0, LINES_MAX).map((line) => line.trim().slice(0, LINE_MAX_CHARACTERS));
  const { oomKills = 0, pidsMaxHits = 0 } = usage ?? {};
  return [
    ...said,
    ...(oomKills > 0 ? [`memory: the limit ended ${oomKills} of its processes`] : []),
    ...(pidsMaxHits > 0 ? [`processes: the limit refused ${pidsMaxHits} forks`] : []),
  ];
}
