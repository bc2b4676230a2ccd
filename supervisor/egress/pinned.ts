/** Connections to the addresses that were judged, and to no other: nothing resolves the name a second time. */
import { connect, type LookupFunction, type Socket } from 'node:net';
import { LIMITS } from '../contract/limits.js';
import type { Target } from './judge.js';

/** Closes both ways only when both sides have: a client may end its half and still wait for the answer. */
export function connectPinned({ host, port }: Target, addresses: readonly string[]): Socket {
  const socket = connect({ host, port, lookup: lookupOf(addresses), autoSelectFamily: true, allowHalfOpen: true });
  const undo = setTimeout(() => socket.destroy(new Error('no connection in time')), LIMITS.egressConnectTimeoutMs);
  socket.once('connect', () => clearTimeout(undo));
  socket.once('close', () => clearTimeout(undo));
  socket.setTimeout(LIMITS.egressIdleTimeoutMs, () => socket.destroy());
  return socket;
}

function lookupOf(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  return (_host, options, done) => {
    const [first] = all;
    if (options.all) done(null, all);
    else done(null, first?.address ?? '', first?.family ?? 4);
  };
}
