import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Datagrams } from '../../lib/datagrams.js';
import { native } from './support.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hook-supervisor-service-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('notify', () => {
  it.each(['path', 'abstract name'])('one datagram to a %s, with its lines as they are', async (kind) => {
    const address = kind === 'path' ? join(folder, 'notify') : `@${folder}`;
    const datagrams = await Datagrams.at(address);
    try {
      expect(native.notify(address, 'READY=1\nSTATUS=größer')).toBe(0);
      expect(await datagrams.hears(/READY/)).toBe('READY=1\nSTATUS=größer');
    } finally {
      datagrams.close();
    }
  });

  it('nobody there, no such kind of address, too long a one: -errno', () => {
    expect(native.notify(join(folder, 'none'), 'x')).toBe(-constants.errno.ENOENT);
    expect(native.notify('@nobody-has-bound-this', 'x')).toBe(-constants.errno.ECONNREFUSED);
    expect(native.notify('vsock:2:1', 'x')).toBe(-constants.errno.EAFNOSUPPORT);
    expect(native.notify(`/${'x'.repeat(108)}`, 'x')).toBe(-constants.errno.ENAMETOOLONG);
  });

  it('a receiver that takes nothing: -EAGAIN, without waiting', async () => {
    const address = join(folder, 'notify');
    const datagrams = await Datagrams.at(address);
    try {
      datagrams.stop();
      let status = 0;
      for (let sent = 0; sent < 2000 && status === 0; sent++) status = native.notify(address, 'WATCHDOG=1');
      expect(status).toBe(-constants.errno.EAGAIN);
    } finally {
      datagrams.close();
    }
  });
});

describe('listeningPath', () => {
  const fdOf = (socket: Server | Socket) => (socket as unknown as { _handle: { fd: number } })._handle.fd;
  const listening = (address: string) =>
    new Promise<Server>((resolve) => {
      const server = createServer().listen(address, () => resolve(server));
    });

  it('of a unix stream socket that listens', async () => {
    const server = await listening(join(folder, 'call.sock'));
    expect(native.listeningPath(fdOf(server))).toBe(join(folder, 'call.sock'));
    server.close();
  });

  it('not of an abstract name, TCP, a file, nothing', async () => {
    const abstract = await listening(`\0${folder}`);
    const tcp = await new Promise<Server>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
    });
    const file = openSync('/dev/null', 'r');
    for (const fd of [fdOf(abstract), fdOf(tcp), file, 987]) expect(native.listeningPath(fd)).toBeUndefined();
    native.closeFd(file);
    abstract.close();
    tcp.close();
  });

  it('not of one that is connected', async () => {
    const server = await listening(join(folder, 'call.sock'));
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const client = connect(join(folder, 'call.sock'));
    expect(native.listeningPath(fdOf(await accepted))).toBeUndefined();
    (await accepted).destroy();
    client.destroy();
    server.close();
  });
});
