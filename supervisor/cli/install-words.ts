/** What install says of the files that it has found. */
import type { Agent, Scope } from '../agents/agent.js';
import { unifiedDiff } from '../agents/diff.js';
import type { Found } from '../agents/install/find.js';
import { type PlannedFile, usualPolicy } from '../agents/plan.js';
import { type Context, tellProblem } from './context.js';
import type { InstallOptions } from './install-wishes.js';
import { hookLine } from './render/hooks.js';

/** False: there was something to tell. */
export function tellUnreadable(
  context: Context,
  found: readonly Found[],
  planned: readonly PlannedFile[],
  scopes: readonly Scope[],
): boolean {
  const refused = found.flatMap(({ file, content }) =>
    content.kind === 'refused' && scopes.includes(file.scope)
      ? [{ where: file.path, what: content.what, remedy: content.remedy }]
      : [],
  );
  const spoiled = planned.flatMap((one) =>
    one.kind === 'unreadable' ? [{ where: one.where, what: one.what, remedy: 'mend it; it was not touched' }] : [],
  );
  for (const problem of [...refused, ...spoiled]) tellProblem(context, problem);
  return refused.length + spoiled.length === 0;
}

export function tellFile(context: Context, planned: Extract<PlannedFile, { kind: 'planned' }>): void {
  const { file, before, after, hooks } = planned;
  context.out(unifiedDiff(file.path, before, after));
  for (const hook of hooks.filter(({ left }) => left !== ''))
    context.err(hookLine(file.path, hook, `left as it is; ${hook.left}`));
  for (const hook of hooks.filter(({ notHttp }) => notHttp !== '')) {
    context.err(hookLine(file.path, hook, `through the client; ${hook.notHttp}`));
  }
}

/** What we know of its agent by documentation alone is rewritten where somebody asks for just that. */
export function tellUnasked(context: Context, { name, title }: Agent, found: readonly Found[]): void {
  const own = found.filter(({ file }) => file.scope !== 'managed');
  if (own.length === 0) return;
  const files = own.map(({ file }) => file.path).join(', ');
  context.err(
    `${title}: ${files} left as it is; nobody of us has run it: \`supervisor install ${name}\` wraps its hooks\n`,
  );
}

const WHY_NOT: Partial<Record<Scope, string>> = {
  project: 'others share it: --project wraps its hooks',
  plugin: 'a plugin, which an update replaces: --plugins wraps its hooks',
  managed: 'managed by your organisation: never written',
};

/** Files that were found and are none of those that are meant. */
export function tellOthers(context: Context, agent: Agent, found: readonly Found[], scopes: readonly Scope[]): void {
  for (const { file } of found.filter((one) => !scopes.includes(one.file.scope))) {
    context.err(`${file.path}: left as it is; ${WHY_NOT[file.scope] ?? `--${file.scope} wraps its hooks`}\n`);
  }
  if (agent.hint !== '' && found.length > 0) context.err(`${agent.title}: ${agent.hint}\n`);
}

export function withoutDaemon({ level, onUnavailable, autostart }: InstallOptions): string {
  const policy = onUnavailable ?? usualPolicy(level);
  const then = { run: 'run directly, as before', block: 'block (exit 2)', allow: 'let the agent go on (exit 0)' };
  const start = autostart === true ? ', and start one for the calls to come' : '';
  return `while no daemon takes their calls these hooks ${then[policy]}${start}`;
}
