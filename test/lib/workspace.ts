/** The folder hooks run in. It has the same path for every run, and is made anew for each. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Name to content; a content that starts with `#!` makes an executable file, `-> PLACE` a symbolic link. */
export type Files = Readonly<Record<string, string>>;

const LINK = '-> ';

export function makeWorkspace(folder: string, files: Files): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (content.startsWith(LINK)) {
      symlinkSync(content.slice(LINK.length), path);
      continue;
    }
    writeFileSync(path, Buffer.from(content, 'latin1'));
    chmodSync(path, content.startsWith('#!') ? 0o755 : 0o644);
  }
}

/** What a run left behind: path to kind, mode and content. Byte code is named only: equal code may be marshalled in
 *  more than one way. */
export function readWorkspace(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(names.map((name) => [name, describe(join(folder, name))]));
}

function describe(path: string): string {
  const stats = lstatSync(path);
  const mode = (stats.mode & 0o7777).toString(8);
  if (stats.isDirectory()) return `folder ${mode}`;
  if (stats.isSymbolicLink()) return `link to ${readlinkSync(path)}`;
  if (!stats.isFile()) return `special ${mode}`;
  return path.endsWith('.pyc') ? `byte code ${mode}` : `file ${mode} ${readFileSync(path).toString('latin1')}`;
}
