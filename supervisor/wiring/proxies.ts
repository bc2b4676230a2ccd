/** The proxies of allow-lists, with the files that they are started from. */
import { join } from 'node:path';
import { ownReads, Proxies } from '../egress/proxies.js';
import type { Logger } from '../monitor/log.js';
import type { Native } from '../native.js';
import { ETC_PATHS, SYSTEM_PATHS } from '../policy/system-paths.js';

export function makeProxies(native: Native, packageFolder: string, logFd: number, log: Logger): Proxies {
  return new Proxies(
    {
      native,
      launcherFile: join(packageFolder, 'build', 'supervisor-confine'),
      programFile: join(packageFolder, 'dist', 'egress', 'main.js'),
      read: [...SYSTEM_PATHS, ...ETC_PATHS, ...ownReads(packageFolder)],
      logFd,
    },
    (pool, { target, why }) => log.warn({ pool, target, why }, 'the proxy refused a connection'),
  );
}
