/** `supervisor migrate AGENT supervisor`: the optimization guide's `optimization` block in an agent's settings as a configuration of
 *  ours. Shows it; writes only a file that is not there yet. */
import { MEASURED } from '../agents/known.js';
import { settingsFromGuide, type Told } from '../agents/migrate/guide-settings.js';
import { type GuideEntry, optimizationEntries } from '../agents/migrate/optimization.js';
import { userFilePath } from '../config/folders.js';
import { systemSources } from '../config/load.js';
import { ExitCode } from '../contract/status.js';
import { type Context, tellProblem } from './context.js';
import type { MigrateOptions } from './migrate.js';
import { inFiles, writeNew } from './migrate-files.js';
import { printable } from './render/printable.js';

type Entry = GuideEntry & { file: string };

const WORDS: Readonly<Record<Told<Entry>['kind'], string>> = { moved: 'becomes ', same: 'is not needed: ', left: '' };

export async function migrateSettings(context: Context, fromName: string, options: MigrateOptions): Promise<number> {
  const from = MEASURED.find(({ name }) => name === fromName);
  if (from === undefined) throw new Error(`${fromName} is no agent`);
  const found = inFiles(context, from, options.project === true, (text, file) =>
    optimizationEntries(text)?.map((entry): Entry => ({ ...entry, file })),
  );
  const { settings, eachValidator, told } = settingsFromGuide(found.flatMap((entries) => entries ?? []));
  const file = userFilePath(systemSources(context.env, {}));
  for (const { entry, kind, word } of told) {
    const where = `${entry.file}:${entry.line}: optimization${entry.key && `.${entry.key}`}`;
    context.err(`${printable(`${where}: ${WORDS[kind]}${word}`)}\n`);
  }
  const hasAny = Object.keys(settings).length > 0;
  if (options.json) {
    const keys = told.map(({ entry, kind, word }) => ({ ...entry, kind, word }));
    context.out(
      `${JSON.stringify({ schema: 'supervisor.migration/v1', file, settings, eachValidator, keys }, null, 2)}\n`,
    );
  } else if (hasAny) context.out(`${JSON.stringify(settings, null, 2)}\n`);
  if (Object.keys(eachValidator).length > 0)
    context.err(`supervisor: for each of \`validators\` that it is meant for: ${JSON.stringify(eachValidator)}\n`);
  if (told.length === 0) context.err(`supervisor: ${from.title} has no \`optimization\` block there\n`);
  else if (!hasAny) context.err('supervisor: nothing of it needs a setting\n');
  else context.err(`supervisor: settings for ${file}\n`);
  const isWritten = !options.write || !hasAny || write(context, file, settings, options.project === true);
  return isWritten && !found.includes(undefined) ? ExitCode.OK : ExitCode.UNAVAILABLE;
}

/** A repository may tighten what holds for its hooks, and no more: what it asks for would hold for all. */
function write(context: Context, file: string, settings: object, isProject: boolean): boolean {
  if (!isProject) return writeNew(context, file, settings, 'settings');
  const remedy = 'read the settings shown, and put those that you want into it by hand';
  tellProblem(context, { where: file, what: 'holds for all projects and is not written by the files of one', remedy });
  return false;
}
