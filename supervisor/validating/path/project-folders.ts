/** The project that the folder of an event belongs to. Looked for beside the event loop, remembered for a moment: what is older than
 *  that is told as it is and looked for anew, so that an event waits for it only after a pause. */
import type { Clock } from '../../contract/clock.js';
import { LIMITS } from '../../contract/limits.js';
import { foldersLookedAt, PROJECT_MARKS } from '../../policy/project.js';

export interface ProjectRooms {
  clock: Clock;
  exists(path: string): Promise<boolean>;
  /** In which agents keep folders of these names. */
  homes: readonly string[];
}

interface Known {
  folder: string;
  atMs: number;
}

export class ProjectFolders {
  private readonly known = new Map<string, Known>();
  private readonly looks = new Map<string, Promise<string>>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly rooms: ProjectRooms) {}

  /** '' where there is none. Rejects where too many folders wait to be looked at, as on a file system that hangs. */
  of(cwd: string): string | Promise<string> {
    if (!cwd.startsWith('/')) return '';
    const known = this.known.get(cwd);
    const ageMs = known === undefined ? Number.POSITIVE_INFINITY : this.rooms.clock.nowMs() - known.atMs;
    if (known === undefined || ageMs >= LIMITS.projectStaleMs) return this.look(cwd);
    if (ageMs >= LIMITS.projectFreshMs) this.look(cwd).catch(() => {}); // it is tried again with the next event
    return known.folder;
  }

  private look(cwd: string): Promise<string> {
    const begun = this.looks.get(cwd);
    if (begun !== undefined) return begun;
    if (this.looks.size >= LIMITS.projectLooksWaitingMax) return Promise.reject(new Error('too many folders wait'));
    const look = this.turn.then(() => this.find(cwd)).finally(() => this.looks.delete(cwd));
    this.turn = look.catch(() => {});
    this.looks.set(cwd, look);
    return look;
  }

  private async find(cwd: string): Promise<string> {
    const folder = await this.nearest(cwd);
    this.known.delete(cwd);
    this.known.set(cwd, { folder, atMs: this.rooms.clock.nowMs() });
    const oldest = this.known.keys().next().value;
    if (this.known.size > LIMITS.projectsKnownMax && oldest !== undefined) this.known.delete(oldest);
    return folder;
  }

  private async nearest(cwd: string): Promise<string> {
    for (const folder of foldersLookedAt(cwd, this.rooms.homes)) {
      for (const mark of PROJECT_MARKS) if (await this.rooms.exists(`${folder}/${mark}`)) return folder;
    }
    return '';
  }
}
