/** `status --watch` as a process: through a restart of the daemon, and what Ctrl-C leaves. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { SUPERVISOR, TestDaemon, TestHome } from '../lib/daemon.js';
import { onlyWith } from '../lib/skip.js';
import { waitFor } from '../lib/wait.js';

test('shows the daemon, its absence and its successor; SIGINT ends it with 0', async () => {
  let daemon = TestDaemon.start();
  const { home } = daemon;
  const watch = spawn(SUPERVISOR, ['status', '--watch=0.1', '--json'], { env: home.env, cwd: home.root });
  try {
    let text = '';
    watch.stdout.on('data', (data) => {
      text += data;
    });
    const documents = () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    const shows = (what: string, pid: number | undefined) =>
      waitFor(what, () => (documents().at(-1)?.pid === pid && text !== '' ? true : undefined));

    const { pid } = await daemon.status();
    await shows('the daemon', pid);
    expect(home.supervisor(['down']).status).toBe(0);
    await shows('its absence', undefined);
    daemon = TestDaemon.startIn(home);
    await shows('its successor', (await daemon.status()).pid);

    const ended = once(watch, 'exit');
    watch.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  } finally {
    watch.kill('SIGKILL');
    expect(await daemon.stop(), 'left behind').toEqual([]);
  }
});

test('a reader that leaves ends it without a word', () => {
  const home = new TestHome();
  const { stdout, stderr } = home.execute('sh', ['-c', '"$0" status -w 0.1 | head -n 1', SUPERVISOR]);
  home.remove();
  expect([stdout, stderr]).toEqual(['not running\n', '']);
});

test(
  'on a terminal: redraws in place, Ctrl-C ends it with 0, the cursor was never hidden',
  onlyWith('script'),
  async () => {
    const home = new TestHome();
    const env = { ...home.env, PROGRAM: SUPERVISOR };
    const terminal = spawn('script', ['-qefc', 'exec "$PROGRAM" status -w 0.1', '/dev/null'], { env, cwd: home.root });
    try {
      let shown = '';
      terminal.stdout.on('data', (data) => {
        shown += data;
      });
      await waitFor('the third frame', () => (shown.split('\x1b[H').length > 3 ? true : undefined));
      const ended = once(terminal, 'exit');
      terminal.stdin.write('\x03');
      expect(await ended).toEqual([0, null]);
      expect(shown).toContain('not running');
      expect(shown).not.toContain('\x1b[?');
    } finally {
      terminal.kill('SIGKILL');
      home.remove();
    }
  },
);
