/** The project that a folder belongs to: the nearest one at or above it that has a mark. As the supervisor finds it for a sandbox. */
import { existsSync } from 'node:fs';
import { posix } from 'node:path';

const MARKS = ['.git', '.claude', '.codex', '.gemini', '.cursor'];
const DEPTH_MAX = 32;

/** @typedef {{exists(path: string): boolean, home: string}} Marks */

/** In a sandbox nobody has a home: os.homedir() throws there. */
export const disk = { exists: existsSync, home: process.env.HOME ?? '' };

const USUAL_HOME = /^\/(root|home\/[^/]+|Users\/[^/]+)$/;

function isAtOrAbove(place, home) {
  return place === '/' || place === home || home.startsWith(`${place}/`);
}

/** Never a home, in which agents keep folders of these names, nor what holds it.
 *  @param {Marks} marks
 *  @returns {string} the folder itself where there is no mark; '' of '' */
export function projectOf(folder, marks) {
  for (
    let place = folder, depth = 0;
    depth < DEPTH_MAX && place.startsWith('/');
    place = posix.dirname(place), depth += 1
  ) {
    if (USUAL_HOME.test(place) || isAtOrAbove(place, marks.home)) break;
    if (MARKS.some((mark) => marks.exists(`${place}/${mark}`))) return place;
  }
  return folder;
}
