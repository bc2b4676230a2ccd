/** Texts that come from elsewhere must not steer the terminal: a settings file or a script's name from a repository, the last
 *  words of an interpreter, the log. Neither may they look like lines of ours. */
import { stripVTControlCharacters, styleText } from 'node:util';
import { STYLES } from './styles.js';

const CODES = STYLES.flatMap((style) => styleText(style, '|', { validateStream: false }).split('|'));
const OUR_COLOURS = new RegExp(`(${CODES.map((code) => code.replace('[', '\\[')).join('|')})`);

export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}+/gu, ' ');
}

/** The same for text that may have been painted already: our colours stay. */
export function printableColoured(text: string): string {
  const parts = text.split(OUR_COLOURS);
  return parts.map((part, index) => (index % 2 === 1 ? part : printable(part))).join('');
}
