/** What a hook with an allow-list may reach: names, and ranges of addresses, each with its ports. */
import { type Address, isInRange, parseRange, type Range } from './address.js';

export interface AllowList {
  allow: readonly string[];
}

/** A list: through a proxy of ours, to nothing else. */
export type Network = 'none' | 'host' | AllowList;

export type AllowEntry =
  | { kind: 'name'; name: string; isBelow: boolean; ports: readonly number[] }
  | { kind: 'range'; range: Range; ports: readonly number[] };

export const ALLOW_REQUIREMENT =
  'a host name, "*." before a domain, or an address or range (IPv6 in brackets); ":PORT" behind it where it is not 80 or 443';

const DEFAULT_PORTS = [80, 443];
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
/** The last label begins with a letter: what does not might be read as an address by somebody. */
const NAME = new RegExp(`^(?:${LABEL}\\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$`);
const NAME_MAX_CHARACTERS = 253;

/** @param text lower case, without a dot at its end. */
export function isHostName(text: string): boolean {
  return text.length <= NAME_MAX_CHARACTERS && NAME.test(text);
}

export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

export function parseAllowEntry(text: string): AllowEntry | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(text);
  if (match === null) return undefined;
  const [, bracketed, plain = '', portText] = match;
  const port = portText === undefined ? undefined : parsePort(portText);
  if (portText !== undefined && port === undefined) return undefined;
  const ports = port === undefined ? DEFAULT_PORTS : [port];
  const range = parseRange(bracketed ?? plain);
  // In brackets there is nothing but IPv6, and IPv6 nowhere else.
  if ((bracketed !== undefined) !== (range?.bits === 128)) return undefined;
  if (range !== undefined) return { kind: 'range', range, ports };
  const isBelow = plain.startsWith('*.');
  const name = plain.slice(isBelow ? 2 : 0).toLowerCase();
  // "*.org" would be the half of the world.
  if (!isHostName(name) || (isBelow && !name.includes('.'))) return undefined;
  return { kind: 'name', name, isBelow, ports };
}

/** @param name as isHostName wants it. */
export function isNameListed(entries: readonly AllowEntry[], name: string, port: number): boolean {
  return entries.some(
    (entry) =>
      entry.kind === 'name' &&
      entry.ports.includes(port) &&
      (entry.isBelow ? name.endsWith(`.${entry.name}`) : name === entry.name),
  );
}

export function isAddressListed(entries: readonly AllowEntry[], address: Address, port: number): boolean {
  return entries.some(
    (entry) => entry.kind === 'range' && entry.ports.includes(port) && isInRange(address, entry.range),
  );
}
