/** Node hooks in few words: `script` is CommonJS in hook.js, `module` an ES module in hook.mjs. */
import type { HookCase } from '../case.js';

export const NODE = process.execPath;

type Shows = HookCase['shows'];
type More = Partial<HookCase>;

export function script(name: string, text: string, shows: Shows, more: More = {}): HookCase {
  return { name, command: [NODE, 'hook.js'], ...more, files: { 'hook.js': text, ...more.files }, shows };
}

export function module(name: string, text: string, shows: Shows, more: More = {}): HookCase {
  return { name, command: [NODE, 'hook.mjs'], ...more, files: { 'hook.mjs': text, ...more.files }, shows };
}
