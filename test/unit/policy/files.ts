import type { PathFacts } from '../../../supervisor/policy/paths.js';

/** A tree of files for tests: a path that ends in a slash is a folder, `a -> b` a link, `a = b` a file with a text, everything
 *  else a file. Folders on the way are there. */
export function files(...entries: string[]): PathFacts {
  const links = new Map<string, string>();
  const kinds = new Map<string, 'file' | 'folder'>();
  const texts = new Map<string, string>();
  for (const entry of entries) {
    const [name = '', text] = entry.split(/ = (.*)/s);
    const [path = '', target] = name.split(' -> ');
    if (text !== undefined) texts.set(path, text);
    const plain = path.replace(/\/$/, '');
    if (target !== undefined) links.set(plain, target);
    else kinds.set(plain, path.endsWith('/') ? 'folder' : 'file');
    for (let at = plain.lastIndexOf('/'); at > 0; at = plain.lastIndexOf('/', at - 1)) {
      kinds.set(plain.slice(0, at), 'folder');
    }
  }
  const resolve = (path: string): string => {
    const link = [...links.keys()].find((one) => path === one || path.startsWith(`${one}/`));
    return link === undefined ? path : resolve(links.get(link) + path.slice(link.length));
  };
  return {
    kind: (path) => kinds.get(resolve(path)),
    realPath: (path) => (kinds.has(resolve(path)) ? resolve(path) : undefined),
    text: (path) => texts.get(resolve(path)),
  };
}
