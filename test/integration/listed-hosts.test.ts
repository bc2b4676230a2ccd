/** Hooks that may reach listed hosts, in the real daemon: localhost stands for a name, and 127.0.0.1 is listed. */
import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FETCH, type ListedHosts, startListedHosts } from '../lib/listed-hosts.js';
import { onlyAt } from '../lib/only-at.js';
import { descendants } from '../lib/processes.js';
import { waitFor } from '../lib/wait.js';

describe('with an allow-list', onlyAt('untrusted'), () => {
  let listed: ListedHosts;

  beforeAll(async () => {
    listed = await startListedHosts((port) => ({
      untrusted: { level: 'untrusted', network: { allow: [`localhost:${port}`, `127.0.0.1:${port}`] } },
      restricted: { level: 'restricted', network: { allow: [`127.0.0.1:${port}`] } },
      none: { level: 'untrusted', network: 'none' },
    }));
  });
  afterAll(async () => {
    expect(await listed?.stop()).toEqual([]);
  });

  it('a hook reaches a listed host by the variables of its environment, by name and by address, at either level', async () => {
    const { port } = listed;
    const urls = [`http://127.0.0.1:${port}/address`, `http://localhost:${port}/name`];
    const end = await listed.run('untrusted', FETCH, urls);
    expect(end).toMatchObject({ code: 0, stdout: 'host has /address\nhost has /name\n', stderr: '' });
    expect(end.explained?.enforced).toEqual(expect.arrayContaining(['networkNamespace', 'network-allow-list']));
    expect(await listed.run('restricted', FETCH, urls.slice(0, 1))).toMatchObject({ stdout: 'host has /address\n' });
  });

  it('another host, and a host at another port, is a 403 with the reason, a line of the log and a count', async () => {
    const { port } = listed;
    const urls = ['http://other.example/', `http://localhost:${port + 1}/`, `http://127.0.0.2:${port}/`];
    const end = await listed.run('untrusted', FETCH, urls);
    expect(end.stdout.split('\n')).toEqual([
      '403 hook-supervisor: other.example:80: it is not on the allow-list',
      `403 hook-supervisor: localhost:${port + 1}: it is not on the allow-list`,
      `403 hook-supervisor: 127.0.0.2:${port}: this address is not on the allow-list`,
      '',
    ]);
    const pool = await waitFor('the count', async () =>
      (await listed.pools()).find(({ level, egress }) => level === 'untrusted' && (egress?.refused ?? 0) >= 3),
    );
    expect(pool).toMatchObject({ enforced: expect.arrayContaining(['network-allow-list']), egress: { refused: 3 } });
    expect(pool.egress?.passed).toBeGreaterThanOrEqual(2);
    expect(listed.home.log()).toContain('"target":"other.example:80","why":"it is not on the allow-list"');
  });

  it('two lists have a proxy each, and no list has none', async () => {
    await listed.run('none', 'print(1)');
    const pools = await listed.pools();
    expect(new Set(pools.map(({ egress }) => egress?.pid)).size).toBe(2);
    const none = (await listed.daemon.status()).pools.filter(({ enforced }) => enforced.includes('no-network'));
    expect(none.map(({ egress }) => egress)).toEqual([null]);
  });

  it('the end of a hook is that of its door: nothing of it stays with the proxy', async () => {
    const urls = [`http://127.0.0.1:${listed.port}/`];
    for (let count = 0; count < 5; count++) await listed.run('untrusted', FETCH, urls);
    const isRested = async () => (await listed.pools()).every(({ parked }) => parked === 4) || undefined;
    await waitFor('the parked processes', isRested);
    const before = await descriptors(listed);
    for (let count = 0; count < 10; count++) await listed.run('untrusted', FETCH, urls);
    await waitFor('the parked processes', isRested);
    await waitFor('as many descriptors as before', async () => (await descriptors(listed)) <= before || undefined);
  });

  it('a keeper that dies takes its proxy along', async () => {
    const { keepers, pools } = await listed.daemon.status();
    const pool = pools.find(({ level, egress }) => level === 'untrusted' && egress !== null);
    const pid = pool?.egress?.pid ?? 0;
    process.kill(keepers.find((one) => one.pool === pool?.id)?.pid ?? 0, 'SIGKILL');
    await waitFor('the end of the proxy', () => !existsSync(`/proc/${pid}`) || undefined);
  });

  it('a proxy that dies takes its pool along, and the next call finds another', async () => {
    const isUp = async () => (await listed.pools()).find(({ level, parked }) => level === 'untrusted' && parked > 0);
    const pool = await waitFor('the pool', isUp);
    const pid = pool.egress?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    const isReplaced = async () =>
      (await listed.pools()).some(({ id, egress, parked }) => id === pool.id && egress?.pid !== pid && parked > 0);
    await waitFor('another proxy', async () => (await isReplaced()) || undefined);
    const end = await listed.run('untrusted', FETCH, [`http://127.0.0.1:${listed.port}/again`]);
    expect(end).toMatchObject({ code: 0, stdout: 'host has /again\n' });
  });
});

/** Of the proxy's Node, which lies two below the pid that is known. */
async function descriptors(listed: ListedHosts): Promise<number> {
  const pid = (await listed.pools()).find(({ level }) => level === 'untrusted')?.egress?.pid ?? 0;
  return Math.max(...descendants([pid]).map((one) => readdirSync(`/proc/${one}/fd`).length));
}
