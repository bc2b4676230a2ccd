// A Node of a major version, from the npm packages that hold its official binaries. Delete the folder `nodes` in the cache
// folder to have newer ones.
import { dirname } from 'node:path';
import { fetchedFile } from '../lib/npm-package.mjs';

/** The folder with its `node`, fetched if it is not there yet. */
export function fetchNode(major) {
  const file = fetchedFile({
    name: `node-linux-${process.arch}@${major}`,
    kept: `nodes/${major}`,
    file: 'bin/node',
    parts: ['bin', 'package.json'],
  });
  return dirname(file);
}
