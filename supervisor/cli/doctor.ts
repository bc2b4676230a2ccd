/** `supervisor doctor`: every check with what was found and what to do about it. Changes nothing. */
import { join } from 'node:path';
import { ExitCode } from '../contract/status.js';
import { isolationFacts } from '../isolation/facts.js';
import { probeLayers } from '../isolation/probe.js';
import type { Context } from './context.js';
import { cgroupCheck } from './doctor/cgroup.js';
import type { Check } from './doctor/check.js';
import { daemonChecks } from './doctor/daemon.js';
import { inspectHooks } from './doctor/hooks/inspect.js';
import { hookLevelChecks } from './doctor/hooks/levels.js';
import { eventHookChecks } from './doctor/hooks/of-events.js';
import { hostChecks } from './doctor/host.js';
import { installationChecks } from './doctor/installation.js';
import { isolationChecks, isolationReport } from './doctor/isolation.js';
import { searchPathChecks } from './doctor/search-path.js';
import { painter, type Style } from './render/styles.js';
import { wrap } from './render/table.js';
import type { Page } from './screen.js';
import { configOf } from './settings.js';

const STYLE: Record<Check['verdict'], Style> = { OK: 'green', WARN: 'yellow', FAIL: 'red' };

export async function doctor(context: Context, options: { json?: boolean }): Promise<number> {
  const groups = await Promise.all([installationChecks(context), daemonChecks(context), hostChecks()]);
  const { files } = context;
  const facts = isolationFacts(join(files.root, 'build'));
  const cgroup = cgroupCheck(facts.isContainer);
  const layers = await probeLayers(files.probe);
  const isolation = layers && isolationReport(layers, cgroup.verdict === 'OK', facts);
  const hooks = inspectHooks(context);
  const loaded = await configOf(context.env, {});
  const checks = [
    ...groups.flat(),
    cgroup,
    ...isolationChecks(isolation),
    ...searchPathChecks(context),
    ...hooks.checks,
    // What is wrong with it stands above.
    ...(loaded.ok ? [...hookLevelChecks(context, loaded.config), ...eventHookChecks(context, loaded.config)] : []),
  ];
  const hasFailed = checks.some(({ verdict }) => verdict === 'FAIL');
  const schema = 'supervisor.doctor/v1';
  const found = { schema, ok: !hasFailed, checks, slowHooks: hooks.slow, isolation: isolation ?? null };
  context.out(options.json ? `${JSON.stringify(found, null, 2)}\n` : renderChecks(checks, context.screen));
  return hasFailed ? ExitCode.UNAVAILABLE : ExitCode.OK;
}

export function renderChecks(checks: readonly Check[], page: Page): string {
  const paint = painter(page.isColoured);
  const lines = checks.flatMap(({ name, verdict, what, remedy }) => {
    const [first = '', ...rest] = wrap(`${verdict.padEnd(4)}  ${name}: ${what}`, page.width, '      ');
    const remedyLines = remedy === '' ? [] : wrap(`do: ${remedy}`, page.width, '          ', '      ');
    return [paint(STYLE[verdict], first.slice(0, 4)) + first.slice(4), ...rest, ...remedyLines];
  });
  return `${lines.join('\n')}\n`;
}
