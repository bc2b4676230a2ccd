/** Addresses that a listed name must not lead to unless they are listed themselves: whoever answers for the name would
 *  otherwise choose a service of this machine or its neighbourhood (DNS rebinding). After the registries of IANA. */
import { type Address, isInRange, parseRange, type Range } from '../contract/address.js';

const IPV4: Readonly<Record<string, string>> = {
  '0.0.0.0/8': 'this host',
  '10.0.0.0/8': 'private',
  '100.64.0.0/10': "a provider's own",
  '127.0.0.0/8': 'loopback',
  '168.63.129.16/32': "a cloud's own services",
  '169.254.0.0/16': 'link-local, metadata of clouds',
  '172.16.0.0/12': 'private',
  '192.0.0.0/24': 'protocol assignments',
  '192.0.2.0/24': 'documentation',
  '192.88.99.0/24': 'a relay to IPv6',
  '192.168.0.0/16': 'private',
  '198.18.0.0/15': 'benchmarks',
  '198.51.100.0/24': 'documentation',
  '203.0.113.0/24': 'documentation',
  '224.0.0.0/4': 'multicast',
  '240.0.0.0/4': 'reserved or broadcast',
};

/** Of what is global; anything else is not. */
const IPV6: Readonly<Record<string, string>> = {
  '2001::/23': 'protocol assignments, tunnels',
  '2001:db8::/32': 'documentation',
  '2002::/16': 'a tunnel to IPv4',
  '3fff::/20': 'documentation',
};
const IPV6_GLOBAL = range('2000::/3');
/** Ranges that stand for IPv4 addresses, in their last 32 bits: those decide. */
const EMBEDDED = ['::ffff:0:0/96', '64:ff9b::/96'].map(range);
const IPV4_MASK = 0xffff_ffffn;

const SPECIAL = Object.entries({ ...IPV4, ...IPV6 }).map(([text, why]) => ({
  range: range(text),
  why: `${why}, ${text}`,
}));

/** Itself, and the IPv4 address that it stands for. */
export function meanings(address: Address): readonly Address[] {
  if (!EMBEDDED.some((one) => isInRange(address, one))) return [address];
  return [address, { bits: 32, value: address.value & IPV4_MASK }];
}

/** Why it is not an address of the public internet; undefined: it is one. */
export function whySpecial(address: Address): string | undefined {
  const meant = meanings(address).at(-1) ?? address;
  if (meant.bits === 128 && !isInRange(meant, IPV6_GLOBAL)) return 'not global';
  return SPECIAL.find((one) => isInRange(meant, one.range))?.why;
}

function range(text: string): Range {
  const parsed = parseRange(text);
  if (parsed === undefined) throw new Error(`not a range: ${text}`);
  return parsed;
}
