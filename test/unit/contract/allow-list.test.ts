/** Addresses, ranges and entries of an allow-list: what is one, and what it covers. */
import { describe, expect, test } from 'vitest';
import { isInRange, parseAddress, parseRange } from '../../../supervisor/contract/address.js';
import { isAddressListed, isHostName, isNameListed, parseAllowEntry } from '../../../supervisor/contract/allow-list.js';

describe('addresses', () => {
  test.each([
    ['0.0.0.0', 32, 0n],
    ['127.0.0.1', 32, 0x7f000001n],
    ['255.255.255.255', 32, 0xffffffffn],
    ['::', 128, 0n],
    ['::1', 128, 1n],
    ['::ffff:1.2.3.4', 128, 0xffff01020304n],
    ['1:2:3:4:5:6:7:8', 128, 0x00010002000300040005000600070008n],
    ['2001:DB8::1', 128, 0x20010db8000000000000000000000001n],
    ['fe80::', 128, 0xfe80n << 112n],
  ])('%s is one', (text, bits, value) => {
    expect(parseAddress(text)).toEqual({ bits, value });
  });

  test.each([
    ...[
      '',
      '1.2.3',
      '1.2.3.4.5',
      '256.1.1.1',
      '01.2.3.4',
      '0x7f.0.0.1',
      '0x7f000001',
      '2130706433',
      '127.1',
      ' 127.0.0.1',
    ],
    ...[
      '1.2.3.4 ',
      '1.2.3.4/8',
      '::1%lo',
      'fe80::1%25lo',
      ':::',
      '1::2::3',
      '12345::',
      '[::1]',
      '::1]/x',
      '::1/../',
      'a',
    ],
    ...['１.2.3.4', '1:2:3:4:5:6:7', '::ffff:256.1.1.1'],
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('a range has nothing behind its prefix, and a prefix that its kind can have', () => {
    expect(parseRange('10.0.0.0/8')).toMatchObject({ bits: 32, prefix: 8 });
    expect(parseRange('10.0.0.1')).toMatchObject({ prefix: 32 });
    expect(parseRange('::/0')).toMatchObject({ bits: 128, prefix: 0 });
    for (const text of [
      '10.0.0.1/8',
      '10.0.0.0/33',
      '::1/64',
      '::/129',
      '10.0.0.0/',
      '10.0.0.0/-1',
      '/8',
      '10.0.0.0/8/8',
    ])
      expect(parseRange(text), text).toBeUndefined();
  });

  test('a range covers its first and last address, none beside them, and none of the other kind', () => {
    const covers = (range: string, address: string) =>
      isInRange(parseAddress(address) as never, parseRange(range) as never);
    expect(covers('10.16.0.0/12', '10.16.0.0') && covers('10.16.0.0/12', '10.31.255.255')).toBe(true);
    expect(covers('10.16.0.0/12', '10.15.255.255') || covers('10.16.0.0/12', '10.32.0.0')).toBe(false);
    expect(covers('fc00::/7', 'fdff::1')).toBe(true);
    expect(covers('0.0.0.0/0', '::') || covers('::/0', '1.2.3.4')).toBe(false);
  });
});

describe('entries', () => {
  test.each([
    ['api.example.org', { kind: 'name', name: 'api.example.org', isBelow: false, ports: [80, 443] }],
    ['API.Example.org:8443', { kind: 'name', name: 'api.example.org', isBelow: false, ports: [8443] }],
    ['*.example.org', { kind: 'name', name: 'example.org', isBelow: true, ports: [80, 443] }],
    ['localhost:1', { kind: 'name', name: 'localhost', isBelow: false, ports: [1] }],
    ['127.0.0.1:65535', { kind: 'range', range: { bits: 32, value: 0x7f000001n, prefix: 32 }, ports: [65535] }],
    ['10.0.0.0/8', { kind: 'range', range: { bits: 32, value: 10n << 24n, prefix: 8 }, ports: [80, 443] }],
    ['[::1]:8080', { kind: 'range', range: { bits: 128, value: 1n, prefix: 128 }, ports: [8080] }],
    ['[fd00::/8]', { kind: 'range', range: { bits: 128, value: 0xfdn << 120n, prefix: 8 }, ports: [80, 443] }],
  ])('%s', (text, entry) => {
    expect(parseAllowEntry(text)).toEqual(entry);
  });

  test.each([
    ...[
      '',
      '*',
      '*.',
      '*.org',
      '**.example.org',
      'a.*.org',
      'example.org.',
      '.example.org',
      'exa mple.org',
      '-a.org',
      'a-.org',
    ],
    ...[
      'https://example.org',
      'example.org/',
      'example.org:',
      'example.org:0',
      'example.org:65536',
      'example.org:443:443',
    ],
    ...[
      '::1',
      '[127.0.0.1]',
      '[example.org]',
      '127.1',
      '0x7f.0.0.1',
      '10.0.0.1/8',
      '1.2.3.4.5',
      'exämple.org',
      'a@b.org',
    ],
    `${'a'.repeat(64)}.org`,
    `${'a.'.repeat(130)}org`,
  ])('%j is none', (text) => {
    expect(parseAllowEntry(text)).toBeUndefined();
  });

  const entries = ['a.example', '*.b.example:8443', '10.0.0.0/8:5432'].flatMap((text) => parseAllowEntry(text) ?? []);

  test.each([
    ['a.example', 443, true],
    ['a.example', 80, true],
    ['a.example', 8443, false],
    ['x.a.example', 443, false],
    ['aa.example', 443, false],
    ['x.b.example', 8443, true],
    ['x.y.b.example', 8443, true],
    ['x.b.example', 443, false],
    ['b.example', 8443, false],
    ['evilb.example', 8443, false],
    ['b.example.evil', 8443, false],
  ])('%s:%i is listed: %s', (name, port, isListed) => {
    expect(isNameListed(entries, name, port)).toBe(isListed);
  });

  test.each([
    ['10.1.2.3', 5432, true],
    ['10.1.2.3', 443, false],
    ['11.1.2.3', 5432, false],
  ])('%s:%i is listed: %s', (text, port, isListed) => {
    expect(isAddressListed(entries, parseAddress(text) as never, port)).toBe(isListed);
  });

  test('a host name has no last label that might be read as a number', () => {
    expect(['a', 'a.b', 'xn--bcher-kva.example', 'a_b.example', '1.a'].filter(isHostName)).toHaveLength(5);
    expect(['', '1', 'a.1', 'a.0x1', 'a..b', 'A', 'a.', 'a\n'].filter(isHostName)).toEqual([]);
  });
});
