import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageFiles, systemContext } from '../../../supervisor/cli/context.js';
import { describeProgram } from '../../../supervisor/cli/program.js';
import { manualPage } from '../../../supervisor/cli/render/manual.js';
import { onlyWith } from '../../lib/skip.js';

const program = describeProgram(systemContext(), () => {});
const page = manualPage(program, '1.2.3');

test('has every verb and option that help shows, and none that is hidden', () => {
  const help = program.createHelp();
  const visible = help.visibleCommands(program).filter((verb) => verb.name() !== 'help');
  for (const verb of visible) {
    expect(page).toContain(`\n.SS supervisor ${verb.name()} `);
    for (const { flags } of verb.options) expect(page).toContain(`\n.B ${flags.replaceAll('-', '\\-')}\n`);
  }
  expect(visible.length).toBeGreaterThan(15);
  expect(page).not.toContain('pool\\-names');
});

test('groff takes it without a warning', onlyWith('groff'), () => {
  const { stdout, stderr } = spawnSync('groff', ['-ww', '-man', '-Tascii'], { input: page, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toContain('SUPERVISOR(1)');
});

test('the build writes it where the package says', () => {
  const { root } = packageFiles();
  const [file = ''] = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).man;
  expect(readFileSync(join(root, file), 'utf8')).toMatch(/^\.TH SUPERVISOR 1 /);
});
