/** What uninstall makes of one file: the journal and the backup say whether it is as install has left it. */
import type { Agent } from '../agent.js';
import { NO_RECORD } from '../http/record.js';
import { planUninstall, type Removal } from '../uninstall.js';
import { BACKUP_SUFFIX } from './install-file.js';
import type { Journal } from './journal.js';
import { digestOf, readSettingsFile } from './read-file.js';

export function removalOf(agent: Agent, path: string, text: string, journal: Journal, record = NO_RECORD): Removal {
  return planUninstall(agent, path, text, originalOf(path, text, journal), record);
}

/** The backup, if nobody has written to either file since. */
function originalOf(path: string, text: string, journal: Journal): string | undefined {
  const entry = journal.of(path);
  if (entry === undefined) return undefined;
  const digest = digestOf(text);
  // Killed before the file was written, or taken back by hand.
  if (digest === entry.withoutDigest) return text;
  if (digest !== entry.installedDigest) return undefined;
  const backup = readSettingsFile(`${path}${BACKUP_SUFFIX}`);
  return backup.kind === 'read' && digestOf(backup.text) === entry.withoutDigest ? backup.text : undefined;
}
