/** Where a path leads once `..` and symbolic links are followed: a tool opens that file, whatever the path looks like. */
import { posix } from 'node:path';

/** `realpath` gives undefined where nothing is, and throws where it cannot be known.
 *  @typedef {import('../lib/project.mjs').Marks & {realpath(path: string): Promise<string | undefined>}} FilePort */

/** Of a file that is not there yet, the folder that holds it is followed.
 *  @returns {Promise<string | undefined>} undefined where it cannot be known */
export async function realPlace(path, files) {
  const rest = [];
  for (let place = path; ; place = posix.dirname(place)) {
    try {
      const real = await files.realpath(place);
      if (real !== undefined) return posix.join(real, ...rest);
    } catch {
      return undefined;
    }
    if (place === '/') return path;
    rest.unshift(posix.basename(place));
  }
}

const PARENT = /^(.*?)\/\.\.(?:\/(.*))?$/s;
const PARENTS_MAX = 64;

/** A program may take `..` away from the text, or leave it to the kernel, for which it leads up from where a link has led. Both.
 *  @param {string} path absolute */
export async function realPlaces(path, files) {
  const places = await Promise.all([realPlace(posix.normalize(path), files), followed(path, files)]);
  return places.includes(undefined) ? undefined : [...new Set(places)];
}

async function followed(path, files, parents = 0) {
  const [, head, rest = ''] = PARENT.exec(path) ?? [];
  if (head === undefined) return realPlace(posix.normalize(path), files);
  const real = parents < PARENTS_MAX ? await realPlace(posix.normalize(head === '' ? '/' : head), files) : undefined;
  return real === undefined ? undefined : followed(`${posix.dirname(real)}/${rest}`, files, parents + 1);
}

export function isInside(path, folder) {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}
