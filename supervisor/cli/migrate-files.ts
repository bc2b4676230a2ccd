/** Files that a migration reads, and the one that it may write. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Agent, Scope } from '../agents/agent.js';
import { findFiles, surroundings } from '../agents/install/find.js';
import { type Context, tellProblem } from './context.js';

/** @returns what was found in each file; undefined where one could not be read, which is told. */
export function inFiles<Found>(
  context: Context,
  agent: Agent,
  isProject: boolean,
  look: (text: string, path: string) => Found | undefined,
): (Found | undefined)[] {
  const scopes: Scope[] = isProject ? ['project', 'local'] : ['user'];
  const files = findFiles(agent, surroundings(context.env, context.cwd())).filter(({ file }) =>
    scopes.includes(file.scope),
  );
  return files.map(({ file, content }) => {
    const found = content.kind === 'read' ? look(content.text, file.path) : undefined;
    const what = content.kind === 'refused' ? content.what : 'is not valid JSON';
    if (found === undefined) tellProblem(context, { where: file.path, what, remedy: '' });
    return found;
  });
}

/** Never one that is there: what else stands in it is not ours to lay out anew. */
export function writeNew(context: Context, file: string, values: object, shown: string): boolean {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(values, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
    context.err(`${file}: written\n`);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === 'EEXIST' ? 'is there already' : `cannot be written (${code})`;
    tellProblem(context, { where: file, what, remedy: `put the ${shown} shown into it by hand` });
    return false;
  }
}
