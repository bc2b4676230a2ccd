// A script that has started a daemon, and is ended from outside: `npm run bench | head` must leave nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

const SUPERVISOR = new URL('../bench/supervisor.mjs', import.meta.url);
const SCRIPT = `import { ScratchSupervisor } from '${SUPERVISOR}';
const supervisor = new ScratchSupervisor('ends', process.env.PATH);
supervisor.up();
console.log(supervisor.folder);
setInterval(() => console.log('more'), 10);`;

const ENDINGS = {
  'nobody reads what it prints': (script) => script.stdout.destroy(),
  SIGINT: (script) => script.kill('SIGINT'),
  SIGTERM: (script) => script.kill('SIGTERM'),
};

for (const [name, end] of Object.entries(ENDINGS))
  test(`${name}: daemon and folder go, exit 130`, async () => {
    const words = ['--input-type=module', '--eval', SCRIPT];
    const script = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface(script.stdout);
    const [folder] = await once(lines, 'line');
    assert.notDeepEqual(processesNaming(folder), []);
    const exited = once(script, 'exit');
    end(script);
    assert.deepEqual(await exited, [130, null]);
    assert.deepEqual(processesNaming(folder), []);
    assert.equal(existsSync(folder), false);
  });

function processesNaming(folder) {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(folder);
    } catch {
      return false; // it has ended, or is not ours
    }
  });
}
