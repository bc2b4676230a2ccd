/** Where agents keep plugins, which are other people's code, and what belongs to one of them. */
import { dirname } from 'node:path';
import { isWithin } from '../contract/secrets.js';
import type { PathFacts } from './paths.js';

/** Below the home. */
const PLUGIN_FOLDERS = ['.claude/plugins', '.codex/plugins', '.cursor/plugins', '.gemini/extensions'];
/** What lies in the root folder of a plugin. */
const ROOT_MARKS = ['.claude-plugin', '.codex-plugin', '.cursor-plugin', 'gemini-extension.json'];

/** The agent's folder that the file lies below; undefined for a file that belongs to no plugin. */
export function pluginFolderOf(file: string, home: string): string | undefined {
  return PLUGIN_FOLDERS.map((name) => `${home}/${name}`).find((folder) => file !== folder && isWithin(file, folder));
}

/** A plugin that has no mark is only the folder of its file: its neighbours are others' plugins. */
export function pluginRoot(file: string, pluginFolder: string, facts: PathFacts): string {
  for (let at = dirname(file); at !== pluginFolder && isWithin(at, pluginFolder); at = dirname(at)) {
    if (ROOT_MARKS.some((mark) => facts.kind(`${at}/${mark}`) !== undefined)) return at;
  }
  return dirname(file);
}

/** Claude Code's ${CLAUDE_PLUGIN_DATA}, by its documented place: what the call says of it is not believed.
 *  cache/MARKET/NAME/VERSION/... has data/NAME-MARKET. */
export function pluginDataFolder(file: string, pluginFolder: string): string | undefined {
  const [cache, market = '', name = ''] = file.slice(pluginFolder.length + 1).split('/');
  if (cache !== 'cache' || !pluginFolder.endsWith('/.claude/plugins') || name === '') return undefined;
  return `${pluginFolder}/data/${`${name}-${market}`.replace(/[^A-Za-z0-9_-]/g, '-')}`;
}
