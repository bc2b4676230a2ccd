/** A daemon with hooks that may reach listed hosts and nothing else, and a web server of the test's for such a host. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { HandlerRule } from '../../supervisor/contract/config.js';
import type { PoolStatus } from '../../supervisor/contract/status.js';
import { TestDaemon, TestHome } from './daemon.js';
import { Hook, type HookEnd } from './hook.js';

export interface ListedHosts {
  daemon: TestDaemon;
  home: TestHome;
  port: number;
  /** Paths that the web server was asked for. */
  asked: string[];
  /** A Python hook whose rule is the one of this name. */
  start(rule: string, text: string, args?: readonly string[]): Hook;
  run(rule: string, text: string, args?: readonly string[]): Promise<HookEnd>;
  /** Those with a proxy. */
  pools(): Promise<PoolStatus[]>;
  /** @returns what was left behind. */
  stop(): Promise<string[]>;
}

const PYTHON = '/usr/bin/python3';

/** @param rules of each name, made of the web server's port. */
export async function startListedHosts(
  rules: (port: number) => Record<string, Pick<HandlerRule, 'level' | 'network'>>,
): Promise<ListedHosts> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(`host has ${request.url}\n`);
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  // Not in /tmp, of which a sandbox has its own.
  const outside = mkdtempSync('/var/tmp/hook-supervisor-listed-');
  const project = join(outside, 'project');
  mkdirSync(join(project, '.git'), { recursive: true });
  const given = Object.entries(rules(port)).map(([name, rule]) => {
    mkdirSync(join(outside, name));
    return { match: join(outside, name, '**'), ...rule };
  });
  const home = new TestHome();
  mkdirSync(join(home.home, '.config/hook-supervisor'), { recursive: true });
  const configFile = join(home.home, '.config/hook-supervisor/config.json');
  writeFileSync(configFile, JSON.stringify({ handlers: given }), { mode: 0o600 });
  const daemon = TestDaemon.startIn(home);
  let count = 0;

  function start(rule: string, text: string, args: readonly string[] = []): Hook {
    const script = join(outside, rule, `hook-${count++}.py`);
    writeFileSync(script, text);
    return new Hook(home, [PYTHON, script, ...args], { through: ['env', '-C', project, 'no_proxy=*'] });
  }
  return {
    ...{ daemon, home, port, asked, start },
    run: (rule, text, args) => start(rule, text, args).end,
    pools: async () => (await daemon.status()).pools.filter(({ egress }) => egress !== null),
    async stop() {
      const left = await daemon.stop();
      server.close();
      server.closeAllConnections();
      rmSync(outside, { recursive: true, force: true });
      return left;
    },
  };
}

/** A hook's text: asks for each URL among its arguments by the proxy that its environment names, and prints the answers. */
export const FETCH = `
import sys, urllib.error, urllib.request
for url in sys.argv[1:]:
    try:
        print(urllib.request.urlopen(url, timeout=20).read().decode(), end='')
    except urllib.error.HTTPError as error:
        print(error.code, error.read().decode(), end='')
    except OSError as error:
        print(type(error).__name__, error)
`;
