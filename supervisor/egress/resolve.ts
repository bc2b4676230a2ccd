/** Names and addresses as this machine knows them. */
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { LIMITS } from '../contract/limits.js';

/** As programs of this machine resolve names, /etc/hosts included. */
export async function resolveHere(name: string): Promise<readonly string[] | string> {
  let undo = () => {};
  const late = new Promise<string>((done) => {
    const timer = setTimeout(done, LIMITS.egressResolveTimeoutMs, 'the name was not resolved in time');
    undo = () => clearTimeout(timer);
  });
  const found = lookup(name, { all: true }).then(
    (all) => all.slice(0, LIMITS.egressAddressesMax).map(({ address }) => address),
    (error: NodeJS.ErrnoException) => `the name cannot be resolved (${error.code})`,
  );
  return Promise.race([found, late]).finally(undo);
}

export function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
}
