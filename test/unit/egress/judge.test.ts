/** Which addresses are special, which targets are understood, and who may have a connection. */
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../supervisor/contract/address.js';
import { parseAllowEntry } from '../../../supervisor/contract/allow-list.js';
import { plainRequest } from '../../../supervisor/egress/forward.js';
import { judge, type Target, targetOf } from '../../../supervisor/egress/judge.js';
import { whySpecial } from '../../../supervisor/egress/special-ranges.js';
import { tunnelTarget } from '../../../supervisor/egress/tunnel.js';

describe('special addresses', () => {
  const why = (text: string) => {
    const address = parseAddress(text);
    if (address === undefined) throw new Error(text);
    return whySpecial(address);
  };

  test.each([
    ...['0.0.0.0', '0.255.255.255', '10.0.0.1', '100.64.0.1', '100.100.100.200', '127.0.0.1', '127.255.255.255'],
    ...['168.63.129.16', '169.254.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.192', '192.0.2.1'],
    ...['192.88.99.1', '192.168.1.1', '198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1', '224.0.0.1'],
    ...['239.255.255.250', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:169.254.169.254', '::ffff:10.0.0.1', '64:ff9b::127.0.0.1'],
    ...[
      '64:ff9b::a9fe:a9fe',
      '64:ff9b:1::1',
      '100::1',
      '2001::1',
      '2001:0:4136:e378::1',
      '2001:db8::1',
      '2002:7f00:1::',
    ],
    ...['2002:a00:1::', '3fff::1', '5f00::1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fec0::1', 'ff02::1', '4000::1'],
  ])('%s', (text) => {
    expect(why(text)).toEqual(expect.any(String));
  });

  test.each([
    ...['1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0'],
    ...['168.63.129.15', '169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.0.1.0', '192.167.0.1'],
    ...['192.169.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255'],
    ...['2606:4700::1', '2a00::1', '2001:200::1', '2003::1', '::ffff:1.1.1.1', '64:ff9b::101:101'],
  ])('%s is of the public internet', (text) => {
    expect(why(text)).toBeUndefined();
  });
});

describe('targets', () => {
  test.each([
    ['a.example:443', 'a.example', 443],
    ['A.Example.:8443', 'a.example', 8443],
    ['127.0.0.1:80', '127.0.0.1', 80],
    ['[::1]:80', '::1', 80],
  ])('CONNECT %s', (authority, host, port) => {
    expect(tunnelTarget(authority)).toMatchObject({ host, port });
  });

  test.each([
    ...['', 'a.example', 'a.example:', 'a.example:0', 'a.example:65536', 'a.example:443x', ':443', 'a.example:443:443'],
    ...[
      'u@a.example:443',
      'a.example/x:443',
      'http://a.example:443',
      '::1:80',
      '[::1]',
      '[::1%lo]:80',
      '[a.example]:80',
    ],
    ...['127.1:80', '2130706433:80', '0x7f.1:80', '0177.0.0.1:80', 'a..example:80', 'a example:80', 'a%2eexample:80'],
    ...['ex\u00e4mple:80', '*.example:80', `${'a.'.repeat(130)}example:80`, 'a.example..:80'],
  ])('CONNECT %j is none', (authority) => {
    expect(tunnelTarget(authority)).toBeUndefined();
  });

  test.each([
    ['http://a.example/x?y#z', 'a.example', 80, '/x?y', 'a.example'],
    ['HTTP://A.Example:8080', 'a.example', 8080, '/', 'a.example:8080'],
    ['http://[::1]:81/', '::1', 81, '/', '[::1]:81'],
    // As a browser reads them: what else would be read as an address is judged as that address.
    ['http://0x7f.1/', '127.0.0.1', 80, '/', '127.0.0.1'],
    ['http://2130706433/', '127.0.0.1', 80, '/', '127.0.0.1'],
    ['http://a.example\\@b.example/', 'a.example', 80, '/@b.example/', 'a.example'],
  ])('a request for %s', (url, host, port, path, header) => {
    expect(plainRequest(url)).toMatchObject({ target: { host, port }, path, host: header });
  });

  test.each([
    ...[
      '/',
      '*',
      'a.example/',
      'https://a.example/',
      'ftp://a.example/',
      'http:///',
      'http://',
      'http://u:p@a.example/',
    ],
    ...[
      'http://u@a.example/',
      'http://a.example:0x50/',
      'http://a.example:65536/',
      'file:///etc/passwd',
      'http://a b/',
    ],
    ...['http://*.example/', 'http://1.2.3.4.5/'],
  ])('a request for %j is none', (url) => {
    expect(plainRequest(url)).toBeUndefined();
  });
});

describe('judged', () => {
  let asked: string[] = [];
  async function judged(list: string[], host: string, answer: string[] | string = [], own: string[] = []) {
    asked = [];
    const options = {
      entries: list.flatMap((text) => parseAllowEntry(text) ?? []),
      resolve: async (name: string) => {
        asked.push(name);
        return answer;
      },
      ownAddresses: () => own,
    };
    return judge(targetOf(host, 443) as Target, options);
  }

  test('a listed name leads to all of its public addresses, resolved once', async () => {
    const answer = ['1.1.1.1', '2606:4700::1'];
    expect(await judged(['a.example'], 'A.example', answer)).toEqual({ kind: 'pass', addresses: answer });
    expect(asked).toEqual(['a.example']);
  });

  test('of a name that is not listed nobody is asked', async () => {
    expect(await judged(['a.example'], 'secret.evil.example')).toMatchObject({ kind: 'refused' });
    expect(asked).toEqual([]);
  });

  test.each(['127.0.0.1', '169.254.169.254', '::ffff:10.0.0.1', 'fe80::1%eth0', 'fd00::1'])(
    'a listed name that leads to %s is refused, with the reason',
    async (address) => {
      const result = await judged(['a.example'], 'a.example', [address]);
      expect(result).toMatchObject({ kind: 'refused', why: expect.stringContaining(`it leads to ${address} (`) });
    },
  );

  test('of mixed addresses only those that may be reached are passed', async () => {
    const result = await judged(['a.example'], 'a.example', ['10.0.0.1', '1.1.1.1', '::1']);
    expect(result).toEqual({ kind: 'pass', addresses: ['1.1.1.1'] });
  });

  test('a public address of this machine is refused: its own services are no part of the internet', async () => {
    const result = await judged(['a.example'], 'a.example', ['1.1.1.1'], ['1.1.1.1']);
    expect(result).toMatchObject({ kind: 'refused', why: expect.stringContaining('this machine') });
  });

  test('a private address is reached by a listed name where its range is listed too, at its port', async () => {
    expect(await judged(['a.example', '10.0.0.0/8'], 'a.example', ['10.1.2.3'])).toMatchObject({ kind: 'pass' });
    expect(await judged(['a.example', '10.0.0.0/8:80'], 'a.example', ['10.1.2.3'])).toMatchObject({ kind: 'refused' });
    expect(await judged(['a.example', '10.0.0.0/8'], 'b.example', ['10.1.2.3'])).toMatchObject({ kind: 'refused' });
  });

  test('an address is refused, public or not, unless it is listed; nobody is asked for it', async () => {
    expect(await judged(['a.example'], '1.1.1.1')).toMatchObject({ kind: 'refused' });
    expect(await judged(['1.1.1.0/24'], '1.1.1.1')).toEqual({ kind: 'pass', addresses: ['1.1.1.1'] });
    expect(await judged(['127.0.0.1'], '::ffff:127.0.0.1')).toMatchObject({ kind: 'pass' });
    expect(await judged(['*.example'], '127.0.0.1')).toMatchObject({ kind: 'refused' });
    expect(asked).toEqual([]);
  });

  test('no address and no answer are not refusals', async () => {
    expect(await judged(['a.example'], 'a.example', [])).toMatchObject({ kind: 'unknown' });
    expect(await judged(['a.example'], 'a.example', 'late')).toEqual({ kind: 'unknown', why: 'late' });
  });
});
