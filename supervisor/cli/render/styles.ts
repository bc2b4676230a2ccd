/** How text for people may be told apart. */
import { styleText } from 'node:util';

export const STYLES = ['bold', 'dim', 'green', 'yellow', 'red'] as const;
export type Style = (typeof STYLES)[number];
export type Paint = (style: Style, text: string) => string;

export function painter(isColoured: boolean): Paint {
  // The decision has been made: styleText is not to look at stdout and the environment once more.
  return isColoured ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text;
}
