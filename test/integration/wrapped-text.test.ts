/** A hook behind the client's words: a shell that runs the wrapped text gives it the very bytes that it gives the original. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { clientText } from '../../supervisor/agents/wrapping/client-words.js';
import { quotedRaw } from '../../supervisor/agents/wrapping/shell-quoting.js';
import { HOOK_CLIENT } from '../lib/daemon.js';

const folder = mkdtempSync(join(tmpdir(), 'hook-supervisor-wrapped-'));
const show = '#!/bin/sh\nfor word; do printf "%s\\0" "$word"; done; printf "|%s|" "$VALUE"; exit $#\n';
writeFileSync(join(folder, 'show'), show, { mode: 0o755 });
afterAll(() => rmSync(folder, { recursive: true }));

const QUOTES = ["'", '"', '\\', '`', '$(', ')', '$VALUE', '${VALUE}', '$', '#', ';', '*', '~', '!', '{', '}'];
const BLANKS = [' ', '\t', '\n', '\r', '\x01', '\x7f', '\u2028', 'é', '💥', 'a'];
const begin = fc.constantFrom(
  './show ',
  'VALUE=x ./show ',
  './show "',
  "./show '",
  'exec ./show $VALUE ',
  '\n ./show ',
);
const rest = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...QUOTES, ...BLANKS), maxLength: 14 }),
);
/** No NUL, which no argument can hold; `$$` is another process each time. */
const hookText = fc.tuple(begin, rest).map((parts) => parts.join('')).filter((text) => !/\0|\$\$/.test(text)); // biome-ignore format: one line

function run(shell: string, text: string) {
  const env = { PATH: process.env.PATH, VALUE: 'two words*', SUPERVISOR_RUNTIME_DIR: join(folder, 'none') };
  // bash reads ~/.bashrc where its stdin is a socket
  const { stdout, status } = spawnSync(shell, ['-c', text], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  return { stdout: stdout.toString('latin1'), status };
}

/** As the file holds it, from where the agent reads it. */
function wrapped(text: string, shell: string): string {
  const call = { client: HOOK_CLIENT, shell, timeoutMs: undefined, level: undefined, onUnavailable: undefined };
  const raw = Buffer.from(JSON.stringify(text).slice(1, -1)).toString('latin1');
  return clientText(call) + JSON.parse(`"${Buffer.from(quotedRaw(raw, undefined), 'latin1')}"`);
}

it.each(['/bin/sh', '/bin/bash'])('%s: output and exit status of any text are those of the original', (shell) => {
  fc.assert(
    fc.property(hookText, (text) => {
      expect(run(shell, wrapped(text, shell))).toEqual(run(shell, text));
    }),
    { numRuns: 60 },
  );
});
