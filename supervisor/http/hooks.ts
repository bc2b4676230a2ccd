/** The hooks behind the names: those of the configuration, then those that install has written. Nothing else can be run. */
import { statSync } from 'node:fs';
import type { HttpRecord } from '../agents/http/record.js';
import { readHttpRecord } from '../agents/install/http-record.js';
import type { HttpConfig } from '../contract/config.js';
import type { HttpHook } from '../contract/http.js';

export class HttpHooks {
  #installed: HttpRecord = new Map();
  #stamp = '';

  constructor(
    private readonly path: string,
    private readonly uid: number,
    private readonly config: () => HttpConfig,
  ) {}

  find(name: string): HttpHook | undefined {
    const { hooks } = this.config();
    if (Object.hasOwn(hooks, name)) return hooks[name];
    this.#refresh();
    return this.#installed.get(name)?.hook;
  }

  /** As install writes it whole, under another inode. */
  #refresh(): void {
    const stats = statSync(this.path, { bigint: true, throwIfNoEntry: false });
    const stamp =
      stats === undefined ? 'absent' : [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join();
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    this.#installed = readHttpRecord(this.path, this.uid);
  }
}
