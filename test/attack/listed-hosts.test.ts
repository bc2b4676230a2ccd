/** What a hook tries that may reach one listed host: to go round the proxy, to have it ask for what it must not, to take it
 *  from others. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHook } from '../lib/hook.js';
import { FETCH, type ListedHosts, startListedHosts } from '../lib/listed-hosts.js';
import { onlyAt } from '../lib/only-at.js';

/** Says what became of each attempt: what was answered, or the name of the error. */
const ATTEMPTS = `
import errno, socket, sys
def tried(act):
    try: return act()
    except OSError as error: return errno.errorcode.get(error.errno, type(error).__name__)
def reached(family, kind, *address):
    with socket.socket(family, kind) as s:
        s.settimeout(5)
        s.connect(address)
        s.send(b'x')
        return 'reached'
def asked(text):
    with socket.create_connection(('127.0.0.1', 3128), 10) as s:
        s.sendall(text.encode('latin-1'))
        got = b''
        while b'\\n' not in got:
            more = s.recv(4096)
            if not more: break
            got += more
        return got.split(b' ')[1].decode() if got else 'closed'
`;

describe('a hook with an allow-list', onlyAt('untrusted'), () => {
  let listed: ListedHosts;

  beforeAll(async () => {
    listed = await startListedHosts((port) => ({
      one: { level: 'untrusted', network: { allow: [`127.0.0.1:${port}`, `localhost:${port}`] } },
      other: { level: 'untrusted', network: { allow: ['other.example', '*.other.example'] } },
      rebound: { level: 'untrusted', network: { allow: [`localhost:${port}`] } },
      restricted: { level: 'restricted', network: { allow: [`127.0.0.1:${port}`] } },
      none: { level: 'untrusted', network: 'none' },
    }));
  });
  afterAll(async () => {
    expect(await listed?.stop()).toEqual([]);
  });

  const printed = async (rule: string, text: string) => {
    const end = await listed.run(rule, ATTEMPTS + text);
    expect(end.stderr).toBe('');
    return end.stdout.trimEnd().split('\n');
  };

  it.each(['one', 'restricted'])('goes round the proxy: nothing is reached (%s)', async (rule) => {
    const { port } = listed;
    const text = `
print(tried(lambda: reached(socket.AF_INET, socket.SOCK_STREAM, '127.0.0.1', ${port})))
print(tried(lambda: reached(socket.AF_INET, socket.SOCK_STREAM, '169.254.169.254', 80)))
print(tried(lambda: reached(socket.AF_INET, socket.SOCK_DGRAM, '192.0.2.1', 53)))
print(tried(lambda: reached(socket.AF_INET6, socket.SOCK_STREAM, '2001:db8::1', 443)))
print(tried(lambda: reached(socket.AF_UNIX, socket.SOCK_STREAM, '/x')))
print(tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)))
print(tried(lambda: socket.socket(socket.AF_VSOCK)))`;
    expect(await printed(rule, text)).toEqual([
      ...['ECONNREFUSED', 'ENETUNREACH', 'ENETUNREACH', 'ENETUNREACH', 'EAFNOSUPPORT', 'EPERM', 'EAFNOSUPPORT'],
    ]);
    expect(listed.asked).toEqual([]);
  });

  it('asks for metadata, neighbours, the daemon of another port, in every spelling: refused', async () => {
    const hosts = [
      '169.254.169.254:80',
      '[::ffff:169.254.169.254]:80',
      '[fd00:ec2::254]:80',
      '10.0.0.1:443',
      '[::1]:80',
    ];
    const odd = ['2852039166:80', '0xa9fea9fe:80', '0251.254.169.254:80', '127.1:80', 'localhost.:22', '0:80'];
    const targets = [...hosts, ...odd, `127.0.0.2:${listed.port}`, `localhost:${listed.port + 1}`];
    const text = `
for target in ${JSON.stringify(targets)}:
    print(asked('CONNECT %s HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' % target), asked('GET http://%s/ HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' % target))`;
    for (const [index, line] of (await printed('one', text)).entries())
      expect(line, targets[index]).toMatch(/^40[03] 40[03]$/);
    expect(listed.asked).toEqual([]);
  });

  it('has a listed name lead to this machine (rebinding): refused, since the address is not listed', async () => {
    const { port } = listed;
    const end = await listed.run('rebound', FETCH, [`http://localhost:${port}/`]);
    expect(end.stdout).toMatch(
      /^403 hook-supervisor: localhost:\d+: it leads to \S+ \(.*\), which is not on the allow-list\n$/,
    );
    expect(listed.asked).toEqual([]);
  });

  it('asks through the door for what the list of another sandbox has: its own list counts', async () => {
    const end = await listed.run('other', FETCH, [`http://127.0.0.1:${listed.port}/`]);
    expect(end.stdout).toContain('403 hook-supervisor: 127.0.0.1:');
    expect(listed.asked).toEqual([]);
  });

  it('waits on its loopback for a hook of another sandbox, or of its own pool: nobody comes', async () => {
    const listen = `
import socket, sys
server = socket.create_server(('127.0.0.1', 4444))
print('up', flush=True)
sys.stdin.read()`;
    const waiting = listed.start('one', listen);
    try {
      const knock = "print(tried(lambda: reached(socket.AF_INET, socket.SOCK_STREAM, '127.0.0.1', 4444)))";
      for (const rule of ['one', 'other']) expect(await printed(rule, knock)).toEqual(['ECONNREFUSED']);
    } finally {
      waiting.process.kill();
      await waiting.end;
    }
  });

  it('is a hook without a network: there is no door to be asked', async () => {
    expect(await printed('none', "print(tried(lambda: asked('x')))")).toEqual(['EAFNOSUPPORT']);
  });

  it('takes the port of the door for itself: it is taken', async () => {
    const text = `
def bound(*options):
    with socket.socket() as s:
        for option in options: s.setsockopt(socket.SOL_SOCKET, option, 1)
        s.bind(('127.0.0.1', 3128))
        s.listen()
        return 'bound'
print(tried(bound), tried(lambda: bound(socket.SO_REUSEADDR)), tried(lambda: bound(socket.SO_REUSEPORT)))`;
    expect(await printed('one', text)).toEqual(['EADDRINUSE EADDRINUSE EADDRINUSE']);
  });

  it('floods the door with connections and bytes: hooks of other sandboxes, and others of its own, are answered', async () => {
    const flood = `
import socket, sys, threading
def flood(number):
    held = []
    while True:
        try:
            s = socket.create_connection(('127.0.0.1', 3128), 1)
            s.sendall((b'', b'GET http://127.0.0.1/ HTTP/1.1\\r\\n', b'CONNECT 127.0.0.1:1 HTTP/1.1\\r\\n\\r\\n', b'x' * 60000)[number % 4])
            held = [*held, s][-50:]
        except OSError: pass
for number in range(8): threading.Thread(target=flood, args=(number,), daemon=True).start()
print('up', flush=True)
sys.stdin.read()`;
    const flooding = [listed.start('one', flood), listed.start('one', flood)];
    try {
      const url = `http://127.0.0.1:${listed.port}/during`;
      for (let count = 0; count < 3; count++) {
        expect((await listed.run('one', FETCH, [url])).stdout).toBe('host has /during\n');
        expect((await listed.run('restricted', FETCH, [url])).stdout).toBe('host has /during\n');
        expect((await runHook(listed.home, ['echo', 'contained'])).stdout).toBe('contained\n');
      }
    } finally {
      for (const hook of flooding) hook.process.kill();
      await Promise.all(flooding.map(({ end }) => end));
    }
    expect((await listed.run('one', FETCH, [`http://127.0.0.1:${listed.port}/after`])).stdout).toBe(
      'host has /after\n',
    );
  });
});
