/** The program of a proxy: `main.js ENTRY...`, with the entrance as descriptor 3. A process of its own, so that nothing a hook
 *  or a host writes is read where decisions about hooks are made; the daemon confines it and it ends with its keeper. */
import { Socket } from 'node:net';
import { parseAllowEntry } from '../contract/allow-list.js';
import { systemClock } from '../contract/clock.js';
import { ExitCode } from '../contract/status.js';
import { loadNative } from '../native.js';
import { createProxy } from './proxy.js';
import { Reporter } from './report.js';
import { ownAddresses, resolveHere } from './resolve.js';

const ENTRANCE_FD = 3;

const native = loadNative();
native.setDumpable(false); // what passes through here may hold the hook's keys
const entries = process.argv.slice(2).flatMap((text) => parseAllowEntry(text) ?? []);
if (entries.length === 0) process.exit(ExitCode.USAGE);

// A daemon that does not read has stopped, and then we end too.
const reporter = new Reporter(systemClock, (line) => void process.stdout.write(line));
process.stdout.on('error', () => process.exit(ExitCode.UNAVAILABLE));
const openDoor = createProxy({
  entries,
  resolve: resolveHere,
  ownAddresses,
  passed: () => reporter.passed(),
  refused: (target, why) => reporter.refused(target, why),
});

native.openEntrance(
  ENTRANCE_FD,
  (fd, lifeFd) => {
    const door = openDoor();
    door.server.on('error', () => door.close());
    door.server.listen({ fd });
    // Held any longer, the socket would hold the namespace of a hook that is gone.
    const life = new Socket({ fd: lifeFd, readable: true, writable: false });
    life.once('close', () => door.close());
    life.on('error', () => {});
    life.resume();
  },
  () => process.exit(ExitCode.OK),
);
