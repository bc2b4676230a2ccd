/** Ways out by a socket or a terminal. */
import { at, everywhere, KERNEL, type Row, tries } from './row.js';

const NO_SOCKET = 'EAFNOSUPPORT';
/** Address family, type, protocol. */
const FAMILIES = {
  vsock: [40, 1, 0],
  'netlink of devices': [16, 3, 15],
  'netlink of audit': [16, 3, 9],
  alg: [38, 5, 0],
  packet: [17, 3, 3],
  bluetooth: [31, 3, 1],
  xdp: [44, 3, 0],
  tipc: [30, 5, 0],
};

export const socketRows: readonly Row[] = [
  ...Object.entries(FAMILIES).map(([name, words]) =>
    tries('open-family', at(KERNEL, NO_SOCKET), () => words, `socket: ${name}`),
  ),
  // INET is the host's at restricted, but a raw one needs a capability.
  tries('open-family', at(KERNEL, 'EPERM', NO_SOCKET), () => [2, 3, 1], 'socket: raw'),
  tries('open-family', at('done', 'done', NO_SOCKET), () => [16, 3, 0], 'socket: netlink of routes'),
  tries('unix-path', at('done', NO_SOCKET), (scene) => [scene.home.callSocket], "the daemon's call.sock"),
  tries(
    'unix-path',
    at('done', NO_SOCKET),
    ({ home }) => [`${home.runtimeFolder}/control.sock`],
    "the daemon's control.sock",
  ),
  tries('unix-path', at('done', NO_SOCKET), (scene) => [scene.unixPath], "somebody's socket"),
  tries('unix-abstract', at('done', NO_SOCKET), (scene) => [scene.nonce], "somebody's abstract socket"),
  tries('pair', everywhere('done'), undefined, 'a pair of its own'),
  tries('tcp', at('done', 'done', NO_SOCKET), (scene) => [scene.tcpPort]),
  tries('tcp-listen', at('done', 'done', NO_SOCKET)),
  tries('udp', at('done', 'done', NO_SOCKET), (scene) => [scene.udpPort]),
  tries('own-terminal', everywhere('E[A-Z]+')),
  tries('new-terminal', at('done', 'E[A-Z]+')),
  tries('type-on-terminal', at('E[A-Z]+', 'EPERM')),
];
