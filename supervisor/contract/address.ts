/** IP addresses and ranges of them, as numbers. */

export interface Address {
  bits: 32 | 128;
  value: bigint;
}

export interface Range extends Address {
  prefix: number;
}

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const IPV6_GROUPS = 8;

/** In its plain form only: none of the other spellings (0x7f.1, 017700000001) that some libraries take for an address. */
export function parseAddress(text: string): Address | undefined {
  if (IPV4.test(text)) return { bits: 32, value: joined(text.split('.').map(Number), 8n) };
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !URL.canParse(`http://[${text}]/`)) return undefined;
  // A URL has the address in its one canonical form: groups in hex, at most one gap.
  const [head = '', tail = ''] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split('::');
  const [front, back] = [groupsOf(head), groupsOf(tail)];
  const gap = Array.from({ length: IPV6_GROUPS - front.length - back.length }, () => 0);
  return { bits: 128, value: joined([...front, ...gap, ...back], 16n) };
}

/** An address, or ADDRESS/PREFIX with nothing set behind the prefix. */
export function parseRange(text: string): Range | undefined {
  const [, start = '', length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseAddress(start);
  if (address === undefined) return undefined;
  const prefix = length === undefined ? address.bits : Number(length);
  if (prefix > address.bits) return undefined;
  const range = { ...address, prefix };
  return top(address, range) << restBits(range) === address.value ? range : undefined;
}

export function isInRange(address: Address, range: Range): boolean {
  return address.bits === range.bits && top(address, range) === top(range, range);
}

function restBits({ bits, prefix }: Range): bigint {
  return BigInt(bits - prefix);
}

function top({ value }: Address, range: Range): bigint {
  return value >> restBits(range);
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function joined(parts: readonly number[], bitsEach: bigint): bigint {
  return parts.reduce((value, part) => (value << bitsEach) | BigInt(part), 0n);
}
