/** The body of a request -> what is to be known of the event: its name and where it happened. */
import { dirname, isAbsolute } from 'node:path';
import { textsAtTop } from '../agents/json/scan.js';
import { LIMITS } from '../contract/limits.js';
import { hasMark } from '../policy/project.js';

export interface HookEvent {
  name: string;
  cwd: string;
}

/** A string says what is wrong with it. */
export function eventIn(body: Buffer): HookEvent | string {
  const texts = textsAtTop(body, ['hook_event_name', 'cwd']);
  if (texts === undefined) return 'the body is no JSON object';
  const [name, cwd] = [texts.get('hook_event_name'), texts.get('cwd')];
  if (!name || !cwd) return 'the body has no hook_event_name or no cwd';
  return isAbsolute(cwd) && !cwd.includes('\0') ? { name, cwd } : 'the cwd is no absolute path';
}

/** The folder in which the session began is not in the event: the nearest one above with the mark of a project comes closest.
 *  Not the home: agents keep folders of these names there. */
export function projectFolder(cwd: string, home: string, exists: (path: string) => boolean): string {
  const facts = { kind: (path: string) => (exists(path) ? ('other' as const) : undefined) };
  let folder = cwd;
  for (let depth = 0; depth < LIMITS.projectSearchDepthMax && folder !== '/' && folder !== home; depth++) {
    if (hasMark(folder, facts)) return folder;
    folder = dirname(folder);
  }
  return cwd;
}
