/** Whose process is at the other end of a loopback connection. A token may leak, into a log, a dotfile's repository, another
 *  user's hands: it is of use to processes of this uid alone. */
import { readFileSync } from 'node:fs';

/** IPv4 first; a socket for IPv6 that was connected to 127.0.0.1 stands in the other. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const ESTABLISHED = '01';
const COLUMN = { local: 1, remote: 2, state: 3, uid: 7, inode: 9 };

/** Undefined where it cannot be told.
 *  @param peerPort of the connection, seen from here. */
export function peerUid(ownPort: number, peerPort: number, read = readTable): number | undefined {
  for (const table of TABLES) {
    const uid = uidIn(read(table), peerPort, ownPort);
    if (uid !== undefined) return uid;
  }
  return undefined;
}

/** A connection that its process has closed has no owner any more and is listed as root's. */
function uidIn(table: string, localPort: number, remotePort: number): number | undefined {
  const [local, remote] = [localPort, remotePort].map(addressEnd) as [string, string];
  for (const line of table.split('\n')) {
    if (!line.includes(local)) continue;
    const columns = line.trim().split(/\s+/);
    const at = (name: keyof typeof COLUMN) => columns[COLUMN[name]] ?? '';
    if (!at('local').endsWith(local) || !at('remote').endsWith(remote)) continue;
    if (at('state') === ESTABLISHED && at('inode') !== '0') return Number(at('uid'));
  }
  return undefined;
}

/** 127.0.0.1 as both tables end an address, in the order of bytes of the machines that we run on. */
function addressEnd(port: number): string {
  return `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

function readTable(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
