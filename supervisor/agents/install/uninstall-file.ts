/** What uninstall makes of one file: the journal and the backup say whether it is as install has left it. */
import type { Agent } from '../agent.js';
import { NO_RECORD } from '../http/record.js';
import { type Past, planUninstall, type Removal } from '../uninstall.js';
import { BACKUP_SUFFIX } from './install-file.js';
import type { Journal } from './journal.js';
import { digestOf, readSettingsFile } from './read-file.js';

export function removalOf(agent: Agent, path: string, text: string, journal: Journal, record = NO_RECORD): Removal {
  return planUninstall(agent, path, text, pastOf(path, text, journal), record);
}

/** A backup counts if it is the one that the journal has noted. */
function pastOf(path: string, text: string, journal: Journal): Past {
  const entry = journal.of(path);
  if (entry === undefined) return { before: undefined, isUntouched: false };
  const digest = digestOf(text);
  // Killed before the file was written, or taken back by hand.
  if (digest === entry.withoutDigest) return { before: text, isUntouched: true };
  const backup = readSettingsFile(`${path}${BACKUP_SUFFIX}`);
  const isBackup = backup.kind === 'read' && digestOf(backup.text) === entry.withoutDigest;
  return { before: isBackup ? backup.text : undefined, isUntouched: digest === entry.installedDigest };
}
