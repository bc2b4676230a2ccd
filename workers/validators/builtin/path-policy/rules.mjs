/** What is looked for, one row for each thing. `hits` is asked of each place that a path leads to: with its links followed, and, but
 *  for `isOnlyReal`, as it is written: a rule that either breaks is broken. */

import { isSecret, MAYBE_SECRETS, RUNS_BY_ITSELF } from './places.mjs';
import { isInside } from './resolve.mjs';

const isWrite = ({ use }) => use === 'write';

export const RULES = [
  {
    id: 'outside-project',
    isOnlyReal: true, // the project itself may be reached by a link
    decision: 'deny',
    reason: 'lies outside the project',
    hits: (file, { project, writable }) =>
      isWrite(file) && ![project, ...writable].some((folder) => isInside(file.place, folder)),
  },
  {
    id: 'denied-write',
    decision: 'deny',
    reason: 'is not to be written, as configured',
    hits: (file, { isDeniedWrite }) => isWrite(file) && isDeniedWrite(file.place),
  },
  {
    id: 'denied-read',
    decision: 'deny',
    reason: 'is not to be read, as configured',
    hits: (file, { isDeniedRead }) => !isWrite(file) && isDeniedRead(file.place),
  },
  {
    id: 'secret-place',
    decision: 'deny',
    reason: 'is a place of keys and passwords',
    hits: ({ place }) => isSecret(place),
  },
  {
    id: 'secret-maybe',
    decision: 'ask',
    reason: 'may hold keys or passwords',
    hits: (file) => !isWrite(file) && MAYBE_SECRETS.test(file.place),
  },
  {
    id: 'runs-by-itself',
    decision: 'ask',
    reason: 'is run or obeyed by other programs without being asked for',
    hits: (file) => isWrite(file) && RUNS_BY_ITSELF.test(file.place),
  },
];

/** Where a link cannot be followed, or no project is known. */
export const UNRESOLVED = { id: 'unresolved', decision: 'ask', reason: 'leads to a place that cannot be known' };
