/** Whether a hook may have a connection, and to which addresses: names are resolved here and nowhere else, and what was
 *  checked is what is connected to. Only listed names are asked for: any other would carry a message out. */
import { type Address, parseAddress } from '../contract/address.js';
import { type AllowEntry, isAddressListed, isHostName, isNameListed } from '../contract/allow-list.js';
import { meanings, whySpecial } from './special-ranges.js';

export interface Target {
  /** Lower case, without a dot at its end; an address without brackets. */
  host: string;
  port: number;
  /** Of a host that is one. */
  address: Address | undefined;
}

export type Judged =
  | { kind: 'pass'; addresses: readonly string[] }
  | { kind: 'refused'; why: string }
  /** Nothing is forbidden, but there is no such host, or no answer in time. */
  | { kind: 'unknown'; why: string };

/** The addresses of a name, or a word for why there are none. */
export type Resolve = (name: string) => Promise<readonly string[] | string>;

export interface JudgeOptions {
  entries: readonly AllowEntry[];
  resolve: Resolve;
  /** Addresses of this machine: its public one leads to its own services, too. */
  ownAddresses(): readonly string[];
}

/** Undefined: neither a host name nor an address. @param host as it came, without brackets. */
export function targetOf(host: string, port: number): Target | undefined {
  const plain = host.toLowerCase().replace(/\.$/, '');
  const address = parseAddress(plain);
  return address !== undefined || isHostName(plain) ? { host: plain, port, address } : undefined;
}

export async function judge({ host, port, address }: Target, options: JudgeOptions): Promise<Judged> {
  const { entries } = options;
  if (address !== undefined) {
    if (isListed(address, port, entries)) return { kind: 'pass', addresses: [host] };
    return { kind: 'refused', why: 'this address is not on the allow-list' };
  }
  if (!isNameListed(entries, host, port)) return { kind: 'refused', why: 'it is not on the allow-list' };
  const found = await options.resolve(host);
  if (typeof found === 'string') return { kind: 'unknown', why: found };
  const own = options.ownAddresses();
  const judged = found.map((text) => ({ text, why: whyNot(text, port, entries, own) }));
  const addresses = judged.filter(({ why }) => why === undefined).map(({ text }) => text);
  if (addresses.length > 0) return { kind: 'pass', addresses };
  const [first] = judged;
  if (first === undefined) return { kind: 'unknown', why: 'it has no address' };
  return { kind: 'refused', why: `it leads to ${first.text} (${first.why}), which is not on the allow-list` };
}

function whyNot(text: string, port: number, entries: readonly AllowEntry[], own: readonly string[]) {
  const address = parseAddress(text);
  if (address === undefined) return 'no plain address';
  if (isListed(address, port, entries)) return undefined;
  return whySpecial(address) ?? (own.includes(text) ? 'this machine' : undefined);
}

function isListed(address: Address, port: number, entries: readonly AllowEntry[]): boolean {
  return meanings(address).some((one) => isAddressListed(entries, one, port));
}
