/** A profile as `supervisor profile` and `status` show it. */
import type { ParkedRange } from '../../contract/parked-range.js';
import type { ProfileChoice, ProfileStatus } from '../../contract/profiles.js';
import type { ProfileRow } from '../profile-rows.js';
import type { Page } from '../screen.js';
import { painter } from './styles.js';
import { table } from './table.js';
import { bytesText, durationText } from './units.js';

/** The shape of `supervisor profile --json`. */
export interface ProfileDocument {
  schema: 'supervisor.profile/v1';
  /** null: no daemon runs, or it does not answer. */
  inForce: ProfileStatus | null;
  configured: { chosen: ProfileChoice; chosenBy: string };
  shown: ProfileChoice;
  settings: ProfileRow[];
}

export function profileLines(document: ProfileDocument, { width, isColoured }: Page): string[] {
  const { inForce, configured, shown, settings } = document;
  const of = `of ${shown}`;
  return [
    ...(inForce === null ? [] : [`in force    ${profileText(inForce)}`]),
    ...(inForce === null || inForce.chosen !== configured.chosen
      ? [`configured  ${configured.chosen} (${configured.chosenBy})`]
      : []),
    '',
    ...table(
      settings,
      [
        { title: 'SETTING', text: ({ setting }) => setting },
        { title: of.toUpperCase(), text: ({ setting, profile }) => valueText(setting, profile), align: 'right' },
        { title: 'WITH YOURS', text: ({ setting, holds }) => valueText(setting, holds), align: 'right' },
      ],
      width,
      painter(isColoured),
    ),
  ];
}

export function profileText({ chosen, chosenBy, inForce, why, sinceMs }: ProfileStatus): string {
  const since = durationText(sinceMs);
  const choice = chosen === 'adaptive' ? `adaptive (${chosenBy}), now ${inForce}: ${why}` : `${chosen} (${chosenBy})`;
  return `${choice}, for ${since}`;
}

function valueText(setting: string, value: number | ParkedRange): string {
  if (typeof value === 'object') return value.min === value.max ? String(value.min) : `${value.min} to ${value.max}`;
  return /Bytes$|bytesMax$/.test(setting) ? bytesText(value) : String(value);
}
